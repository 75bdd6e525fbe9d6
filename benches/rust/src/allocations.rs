// SPDX-License-Identifier: MIT OR Apache-2.0
//! The global allocator: the system's, with the calls and the bytes of each thread counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static LIVE_BYTES: Cell<i64> = const { Cell::new(0) };
}

pub struct Counting;

fn count(allocations: u64, bytes: i64) {
    ALLOCATIONS.with(|cell| cell.set(cell.get() + allocations));
    LIVE_BYTES.with(|cell| cell.set(cell.get() + bytes));
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as i64);
        System.alloc(layout)
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as i64);
        System.alloc_zeroed(layout)
    }
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(1, size as i64 - layout.size() as i64);
        System.realloc(memory, layout, size)
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, -(layout.size() as i64));
        System.dealloc(memory, layout)
    }
}

/// How often the calling thread has asked for memory.
pub fn of_this_thread() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// Bytes that the calling thread has asked for and not given back.
pub fn live_bytes_of_this_thread() -> i64 {
    LIVE_BYTES.with(Cell::get)
}
