// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Promela model of the order in which waiters are fired (wait/waiter_set.hpp), for its liveness:
// while messages keep coming, every subscriber that sleeps runs again, also if one of them halts.
// Coarser than waiting.pml: marking is one step, and so is firing a waiter and clearing its bits.
//
// Parameters:
//   SLEEPERS   waiters
//   WAKES      how many one sweep fires
//   MORTAL     the sleeper that may halt after it was fired; 99 for none
//
// Mutants, each of which must be caught: NO_HAND_ON, LOWEST_FIRST.

#ifndef SLEEPERS
#define SLEEPERS 3
#endif
#ifndef WAKES
#define WAKES 2
#endif
#ifndef MORTAL
#define MORTAL 99
#endif

#define BIT(i) (1 << (i))

// Every sleeper is awake unless it is in one of these.
byte armed, marked, fired;

inline fire(i) {
  if
  :: (armed & BIT(i)) -> armed = armed & ~BIT(i); marked = marked & ~BIT(i); fired = fired | BIT(i); budget--
  :: (fired & BIT(i)) -> budget--  // by somebody else, which counts, too
  :: else
  fi
}

// One step for each waiter fired.
inline fire_due(from) {
  atomic { todo = marked; w = from };
  do
  :: atomic {
       todo != 0 && budget > 0 ->
         do
         :: todo & BIT(w) -> break
         :: else -> w = (w + 1) % SLEEPERS
         od;
         todo = todo & ~BIT(w);
         fire(w)
     }
  :: else -> break
  od;
  atomic { todo = 0; w = 0; budget = 0 }
}

active proctype notifier() {
  byte w, todo, budget;
  do
  :: atomic {
       budget = WAKES; todo = armed;
       do
       :: todo == 0 || (todo & BIT(w)) -> break
       :: else -> w++
       od;
       marked = marked | (todo & ~BIT(w))
     };
     if
     :: atomic { todo != 0 -> fire(w); todo = 0; w = 0 }; fire_due(0)
     :: else
     fi;
     atomic { budget = 0; w = 0 }
  od
}

active [SLEEPERS] proctype sleeper() {
  byte me, w, todo, budget;
  me = _pid - 1;
  do
  :: armed = armed | BIT(me);
     if
     :: atomic { (fired & BIT(me)) -> fired = fired & ~BIT(me); budget = WAKES }
     :: me == MORTAL && (fired & BIT(me)) -> break
     fi;
#ifndef NO_HAND_ON
#ifdef LOWEST_FIRST
     fire_due(0)
#else
     fire_due((me + 1) % SLEEPERS)
#endif
#else
     budget = 0
#endif
  od
}

#define WAITS (armed & BIT(SLEEPERS - 1))
ltl runs_again { [] (WAITS -> <> !WAITS) }
