// SPDX-License-Identifier: MIT OR Apache-2.0
//! Under which conditions a run takes place: how long, on which processors, with which runtime.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// The processors that the program may use.
#[derive(Clone)]
pub struct Processors(Arc<[usize]>);

impl Processors {
    pub fn of_this_process() -> Self {
        let mut allowed: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        let status =
            unsafe { libc::sched_getaffinity(0, std::mem::size_of_val(&allowed), &mut allowed) };
        let processors: Vec<usize> = (0..libc::CPU_SETSIZE as usize)
            .filter(|cpu| status == 0 && unsafe { libc::CPU_ISSET(*cpu, &allowed) })
            .collect();
        Self(if processors.is_empty() { Arc::new([0]) } else { processors.into() })
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Ties the calling thread to the one numbered `index` modulo their number.
    fn pin(&self, index: usize) {
        let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        let status = unsafe {
            libc::CPU_SET(self.0[index % self.0.len()], &mut set);
            libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set)
        };
        assert_eq!(status, 0, "pinning failed: {}", std::io::Error::last_os_error());
    }
}

#[derive(Clone)]
pub struct Conditions {
    pub duration: Duration,
    pub processors: Processors,
    pub pin: bool,
}

impl Conditions {
    /// What worker `index` does first, publishers before receivers.
    pub fn begin_worker(&self, index: usize) {
        if self.pin {
            self.processors.pin(index);
        }
    }

    /// Tokio's runtime as its documentation recommends it: a worker for each processor. The
    /// workers are numbered after so many publishers.
    pub fn runtime(&self, publishers: usize) -> Runtime {
        let next = AtomicUsize::new(publishers);
        let conditions = self.clone();
        Builder::new_multi_thread()
            .worker_threads(self.processors.count())
            .on_thread_start(move || conditions.begin_worker(next.fetch_add(1, Ordering::Relaxed)))
            .build()
            .expect("tokio's runtime starts")
    }
}
