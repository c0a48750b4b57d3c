//! Single models trained in several processes.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use multitf::{Error, Result, predict::Shard};

/// Trains the single models of a comparison in several processes, which share the machine's threads. The comparison
/// trains the models that a process leaves undone.
///
/// # Errors
///
/// [`Error::Io`] if a process cannot be started.
pub fn train_singles(jobs: usize) -> Result<()> {
    let threads = thread::available_parallelism().map_or(1, |threads| (threads.get() / jobs).max(1));
    let shards = (1..=jobs).map(|index| Shard::new(index, jobs)).collect::<Result<Vec<_>>>()?;
    let mut jobs = Vec::new();
    for shard in shards {
        jobs.push(Job(start(shard, threads)?));
    }
    thread::scope(|scope| {
        for job in jobs {
            scope.spawn(move || job.follow());
        }
    });
    Ok(())
}

/// A process that trains a shard. It ends when this is dropped.
struct Job(Child);

impl Drop for Job {
    fn drop(&mut self) {
        // Both fail where the process has ended, which does no harm.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts this program with the same arguments, for a shard of the single models.
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

impl Job {
    /// Passes on the lines of the process's standard error.
    fn follow(mut self) {
        if let Some(stderr) = self.0.stderr.take() {
            BufReader::new(stderr).lines().map_while(Result::ok).for_each(|line| eprintln!("{line}"));
        }
        match self.0.wait() {
            Ok(status) if status.success() => {}
            Ok(status) => eprintln!("note: a job ended early ({status}); its remaining models are trained now"),
            Err(error) => eprintln!("note: a job was lost ({error}); its remaining models are trained now"),
        }
    }
}
