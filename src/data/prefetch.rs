//! Iterators that run ahead on another thread.

use std::{
    panic::resume_unwind,
    sync::mpsc::{Receiver, sync_channel},
    thread::{self, ScopedJoinHandle},
};

/// Runs an iterator on another thread, up to `ahead` items before their use.
///
/// The items come in the iterator's order, whatever the timing. The other thread ends when the iterator does, or when
/// `consume` returns; both may borrow.
///
/// # Panics
/// Panics if the iterator does; `consume` gets the panic where it takes the next item.
///
/// # Examples
/// ```
/// let squares = (0_u64..).map(|step| step * step);
/// let sum = multitf::data::prefetch(4, squares, |ready| ready.take(4).sum::<u64>());
/// assert_eq!(sum, 0 + 1 + 4 + 9);
/// ```
pub fn prefetch<T: Send, R>(
    ahead: usize,
    mut items: impl Iterator<Item = T> + Send,
    consume: impl FnOnce(&mut dyn Iterator<Item = T>) -> R,
) -> R {
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(ahead);
        // It ends when the receiver is gone.
        let maker = scope.spawn(move || items.try_for_each(|item| sender.send(item)).unwrap_or_default());
        consume(&mut Ready { receiver, maker: Some(maker) })
    })
}

struct Ready<'scope, T> {
    receiver: Receiver<T>,
    maker: Option<ScopedJoinHandle<'scope, ()>>,
}

impl<T> Iterator for Ready<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if let Ok(item) = self.receiver.recv() {
            return Some(item);
        }
        // The other thread has ended: a panic must not look like the end of the items.
        if let Some(Err(panic)) = self.maker.take().map(ScopedJoinHandle::join) {
            resume_unwind(panic);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;

    #[test]
    fn items_come_in_order_and_end() {
        let seen = prefetch(4, 0..100, |ready| {
            let seen = ready.collect::<Vec<_>>();
            assert_eq!(ready.next(), None);
            seen
        });
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn an_early_stop_ends_the_other_thread() {
        let made = AtomicUsize::new(0);
        let endless = (0..).inspect(|_| {
            made.fetch_add(1, Ordering::SeqCst);
        });
        let seen = prefetch(4, endless, |ready| ready.take(3).collect::<Vec<_>>());
        assert_eq!(seen, [0, 1, 2]);
        // Three taken, four in the channel, one that waited, and one made before it learned of the end.
        assert!(made.load(Ordering::SeqCst) <= 9);
    }

    #[test]
    fn items_are_made_while_the_consumer_works() {
        let made = AtomicUsize::new(0);
        let items = (0..9).inspect(|_| {
            made.fetch_add(1, Ordering::SeqCst);
        });
        prefetch(4, items, |ready| {
            ready.next();
            for _ in 0..500 {
                if made.load(Ordering::SeqCst) >= 5 {
                    return;
                }
                thread::sleep(Duration::from_millis(10));
            }
            panic!("nothing was made ahead");
        });
    }

    #[test]
    fn a_panic_on_the_other_thread_is_not_the_end_of_the_items() {
        let items = (0..9).inspect(|&i| assert!(i < 2, "item {i} is bad"));
        let outcome = catch_unwind(AssertUnwindSafe(|| prefetch(1, items, |ready| ready.count())));
        let panic = outcome.unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "item 2 is bad");
    }

    #[test]
    fn a_panic_of_the_consumer_ends_the_other_thread() {
        let outcome = catch_unwind(|| prefetch(1, 0.., |_| panic!("stop")));
        assert_eq!(*outcome.unwrap_err().downcast_ref::<&str>().unwrap(), "stop");
    }
}
