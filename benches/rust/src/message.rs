// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbered messages, and what a receiver makes of them.

use crate::protocol::{error, Refusal};
use crate::systems::{Received, System};

/// `owner << 56 | n`, n = 1, 2, ...
pub type Number = u64;

pub const MOST_PUBLISHERS: usize = 64;

#[inline]
pub fn first_of(owner: usize) -> Number {
    (owner as Number) << 56
}

/// What one receiver got, and whether it was in order.
pub struct Account {
    last: [Number; MOST_PUBLISHERS],
    gapless: bool,
    in_order: bool,
    pub received: u64,
    pub missed: u64,
}

impl Account {
    /// Of messages some of which may be lost.
    pub fn lossy() -> Self {
        Self::new(false)
    }
    /// Of messages none of which may be lost.
    pub fn gapless() -> Self {
        Self::new(true)
    }

    fn new(gapless: bool) -> Self {
        let mut last = [0; MOST_PUBLISHERS];
        for (owner, number) in last.iter_mut().enumerate() {
            *number = first_of(owner);
        }
        Self { last, gapless, in_order: true, received: 0, missed: 0 }
    }

    #[inline]
    pub fn take(&mut self, received: Received<Number>) {
        match received {
            Received::Message(number) => self.message(number),
            Received::Missed(count) => self.missed += count,
        }
    }

    #[inline]
    pub fn message(&mut self, number: Number) {
        let last = &mut self.last[(number >> 56) as usize % MOST_PUBLISHERS];
        self.in_order &= if self.gapless { number == *last + 1 } else { number > *last };
        *last = number;
        self.received += 1;
    }

    pub fn check_order(&self) -> Result<(), Refusal> {
        if self.in_order {
            Ok(())
        } else {
            Err(error("a publisher's messages are lost, doubled or out of order"))
        }
    }
}

/// What all receivers together got.
pub struct Totals {
    pub received: u64,
    pub missed: u64,
}

impl Totals {
    /// Of what should have been received; 0 if that was nothing.
    pub fn lost_share(&self) -> f64 {
        let all = self.received + self.missed;
        if all == 0 {
            0.0
        } else {
            self.missed as f64 / all as f64
        }
    }
}

/// Adds up the accounts, each with what was dropped in front of its receiver, and checks that
/// nothing is unaccounted for.
pub fn settle<S: System>(accounts: &[(&Account, u64)], published: u64) -> Result<Totals, Refusal> {
    let mut totals = Totals { received: 0, missed: 0 };
    for (account, dropped) in accounts {
        account.check_order()?;
        if S::BROADCAST && account.received + account.missed + dropped != published {
            return Err(error(format!(
                "received {} + missed {} is not the {published} published",
                account.received,
                account.missed + dropped
            )));
        }
        totals.received += account.received;
        totals.missed += account.missed;
        if S::BROADCAST {
            totals.missed += dropped;
        }
    }
    if let (false, Some((_, dropped))) = (S::BROADCAST, accounts.first()) {
        totals.missed += dropped;
        if totals.received + dropped != published {
            return Err(error(format!(
                "received {} by all + dropped {dropped} is not the {published} published",
                totals.received
            )));
        }
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::{flume::Flume, one_queue::OneQueue, tokio::Tokio};

    fn account(mut account: Account, numbers: &[Number]) -> Account {
        numbers.iter().for_each(|number| account.message(*number));
        account
    }

    #[test]
    fn numbers_of_every_publisher_rise() {
        let good = account(Account::lossy(), &[1, 4, first_of(3) + 2, 5]);
        assert_eq!(settle::<Tokio>(&[(&good, 3)], 7).map(|totals| totals.missed), Ok(3));
        for bad in [&[2, 1][..], &[1, 1], &[first_of(1) + 3, 1, first_of(1) + 2]] {
            let bad = account(Account::lossy(), bad);
            assert!(settle::<Tokio>(&[(&bad, 0)], bad.received).is_err());
        }
    }

    #[test]
    fn gapless_numbers_rise_by_one() {
        let good = account(Account::gapless(), &[1, first_of(1) + 1, 2]);
        assert!(settle::<Tokio>(&[(&good, 0)], 3).is_ok());
        let bad = account(Account::gapless(), &[1, 3]);
        assert!(settle::<Tokio>(&[(&bad, 0)], 2).is_err());
    }

    #[test]
    fn every_receiver_of_a_broadcast_accounts_for_all() {
        let (mut one, two) =
            (account(Account::lossy(), &[3]), account(Account::lossy(), &[1, 2, 3]));
        one.take(Received::Missed(2));
        let totals = settle::<Tokio>(&[(&one, 0), (&two, 0)], 3).unwrap();
        assert_eq!((totals.received, totals.missed), (4, 2));
        assert_eq!(totals.lost_share(), 2.0 / 6.0);
        assert!(settle::<Tokio>(&[(&one, 0), (&two, 0)], 4).is_err());
    }

    #[test]
    fn receivers_of_one_queue_account_for_all_together() {
        let (one, two) = (account(Account::lossy(), &[1, 4]), account(Account::lossy(), &[2]));
        let totals = settle::<OneQueue<Flume>>(&[(&one, 1), (&two, 1)], 4).unwrap();
        assert_eq!((totals.received, totals.missed), (3, 1));
        assert!(settle::<OneQueue<Flume>>(&[(&one, 1), (&two, 1)], 5).is_err());
    }
}
