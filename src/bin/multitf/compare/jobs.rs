//! Single models trained side by side.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use multitf::{Error, Result, predict::Shard};

/// Trains the single models that a comparison asks for in as many processes, which share the machine's threads; what one of
/// them leaves undone, the comparison does.
///
/// # Errors
///
/// [`Error::Io`] if a process cannot be started.
pub fn train_singles(jobs: usize) -> Result<()> {
    let threads = thread::available_parallelism().map_or(1, |threads| (threads.get() / jobs).max(1));
    let shards = (1..=jobs).map(|index| Shard::new(index, jobs)).collect::<Result<Vec<_>>>()?;
    let children = shards.into_iter().map(|shard| start(shard, threads)).collect::<Result<Vec<_>>>()?;
    thread::scope(|scope| {
        for child in children {
            scope.spawn(move || follow(child));
        }
    });
    Ok(())
}

/// The same call, for a shard of the single models.
fn start(shard: Shard, threads: usize) -> Result<Child> {
    let program = env::current_exe().map_err(|source| Error::Io { path: "the program itself".into(), source })?;
    Command::new(&program)
        .args(env::args_os().skip(1))
        .args(["--shard", &shard.to_string()])
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| Error::Io { path: program, source })
}

/// Passes on what a process says, line by line.
fn follow(mut child: Child) {
    if let Some(stderr) = child.stderr.take() {
        BufReader::new(stderr).lines().map_while(Result::ok).for_each(|line| eprintln!("{line}"));
    }
    match child.wait() {
        Ok(status) if status.success() => {}
        Ok(status) => eprintln!("note: a job ended early ({status}); what it left undone is done now"),
        Err(error) => eprintln!("note: a job was lost ({error}); what it left undone is done now"),
    }
}
