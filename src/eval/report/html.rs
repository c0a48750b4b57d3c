//! Elements of an HTML page.

/// Text as it may stand between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            other => escaped.push(other),
        }
    }
    escaped
}

/// A field of a table: its text, and the class of its style.
pub(super) struct Cell {
    text: String,
    class: &'static str,
}

/// A field with a name or a word.
pub(super) fn text(text: impl AsRef<str>) -> Cell {
    Cell { text: escape(text.as_ref()), class: "" }
}

/// A field with a number, aligned to the right.
pub(super) fn number(text: impl AsRef<str>) -> Cell {
    Cell { text: escape(text.as_ref()), class: "number" }
}

/// A field with a class.
pub(super) fn classed(class: &'static str, text: impl AsRef<str>) -> Cell {
    Cell { text: escape(text.as_ref()), class }
}

/// A table that scrolls sideways where it does not fit. A name that starts with `#` heads a column of numbers.
pub(super) fn table(names: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
    let names: Vec<String> = names.iter().map(|name| heading(name)).collect();
    let rows: Vec<String> = rows.into_iter().map(|row| line(&row)).collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n",
        names.concat(),
        rows.concat()
    )
}

/// A paragraph with a class, or without if that is empty.
pub(crate) fn paragraph(class: &str, html: &str) -> String {
    format!("<p{}>{html}</p>\n", attribute(class))
}

/// A whole page, with the style of all pages.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         {body}</main>\n</body>\n</html>\n",
        include_str!("style.css")
    )
}

/// A section under a heading.
pub(crate) fn section(heading: &str, html: &str) -> String {
    format!("<section>\n<h2>{heading}</h2>\n{html}</section>\n")
}

fn heading(name: &str) -> String {
    let (class, name) = name.strip_prefix('#').map_or(("", name), |name| ("number", name));
    format!("<th scope=\"col\"{}>{}</th>", attribute(class), escape(name))
}

fn line(row: &[Cell]) -> String {
    let cells: Vec<String> =
        row.iter().map(|cell| format!("<td{}>{}</td>", attribute(cell.class), cell.text)).collect();
    format!("<tr>{}</tr>\n", cells.concat())
}

fn attribute(class: &str) -> String {
    if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_their_field() {
        let html = table(&["a&b", "#n"], [vec![text("<script>"), number("\"1'")]]);
        assert!(html.contains("<th scope=\"col\">a&amp;b</th><th scope=\"col\" class=\"number\">n</th>"));
        assert!(html.contains("<tr><td>&lt;script&gt;</td><td class=\"number\">&quot;1&#39;</td></tr>"));
    }
}
