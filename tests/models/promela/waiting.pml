// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Promela model of how subscribers sleep and are woken (wait/waiter_set.hpp): sleepers, notifiers
// who wake a few, woken ones who wake a few more, one who gives up, a closer, and a thread that
// halts for ever at any step. Memory is sequentially consistent here: that the real memory orders
// suffice is the business of the Relacy models.
//
// Parameters:
//   SLEEPERS   waiters, in LANES lanes of equal size
//   NOTIFIERS  publishers, of PUBLISHES messages each; 0 publishes for ever
//   WAKES      how many one sweep fires
//   ASLEEP     1: the sleepers are asleep at first
//   RECEIVES   a sleeper leaves after so many messages; 0: never
//   MORTAL     the process that may halt: a sleeper's number, or SLEEPERS + the number of a
//              notifier, or SLEEPERS + NOTIFIERS for the closer; 99 for none
//   HASTY      the sleeper that may give up once (deadline, stop); 99 for none
//   CLOSER     1: one process closes the bus; a publisher that is refused helps
//
// Mutants, each of which must be caught: CLEAR_BLINDLY, CLEAR_UNCOUNTED, CLEAR_BEFORE,
// FIRE_BY_STORE, FIRE_ONCE, NO_HAND_ON, MARK_AND_FIRE, LOWER_FIRST, LOWER_BLINDLY, LOOK_FIRST,
// CLOSE_MISSES_ONE.

#ifndef SLEEPERS
#define SLEEPERS 2
#endif
#ifndef LANES
#define LANES 1
#endif
#ifndef NOTIFIERS
#define NOTIFIERS 2
#endif
#ifndef PUBLISHES
#define PUBLISHES 1
#endif
#ifndef WAKES
#define WAKES 2
#endif
#ifndef ASLEEP
#define ASLEEP 0
#endif
#ifndef RECEIVES
#define RECEIVES 0
#endif
#ifndef MORTAL
#define MORTAL 99
#endif
#ifndef HASTY
#define HASTY 99
#endif
#ifndef CLOSER
#define CLOSER 0
#endif

#define LANE(i) ((i) / (SLEEPERS / LANES))
#define BIT(i) (1 << (i))
#define ALL (BIT(SLEEPERS) - 1)

// Counters that only tell whether something happened since a process looked (tickets, armings,
// raises) are sets of the processes for whom nothing has: looking adds the process, what would count
// empties the set. So they cannot wrap, and the states are finite.
#define LOOK(set) set = set | BIT(me)
#define SAME(set) ((set & BIT(me)) != 0)
#define FORGET(set) set = set & ~BIT(me)

// The bus: which sleepers have an unread message, which of these must get through whoever halts,
// and whether it is closed. Publishing is one step.
byte news, owed;
bool closed, close_done;

// The attention word.
bool sleepers_flag = ASLEEP;
byte raises;

// The lanes.
byte armed[LANES], due[LANES], armings[LANES];

// The waiters: their words, and whether the kernel holds the thread.
mtype = { idle, waiting, fired };
#if ASLEEP
mtype word[SLEEPERS] = waiting;
#else
mtype word[SLEEPERS] = idle;
#endif
byte tickets[SLEEPERS];
bool asleep[SLEEPERS] = ASLEEP;

// One atomic block is one step of the code: one access to shared memory and what follows from it
// within the thread. At its end the thread may halt for ever if it is mortal.
#define MAY_HALT if :: me == MORTAL -> goto halted :: true fi

#define LOCALS byte old_armed, old_due, todo, first, w, lane, at, budget; bool hit, any, lower, again

#define PICK(i) :: (i < SLEEPERS && (todo & BIT(i))) -> w = i

// Any of `todo`; for their order see waking_order.pml.
inline pick() {
  if
  PICK(0) PICK(1) PICK(2) PICK(3) PICK(4) PICK(5)
  fi;
  todo = todo & ~BIT(w)
}

// If one of the bits of the waiter w is set, wakes it unless the arming that was looked at has
// ended; and clears its bits after that. `hit` tells whether it was woken.
inline fire_and_clear(bits) {
#ifdef CLEAR_BEFORE
  clear();
#endif
  if
  :: atomic { !(bits & BIT(w)) -> hit = false; MAY_HALT }
  :: atomic { bits & BIT(w) -> MAY_HALT };
     atomic {
#ifdef FIRE_BY_STORE
       hit = true; word[w] = fired;
#else
       hit = hit && SAME(tickets[w]) && word[w] != idle;
#ifdef FIRE_ONCE
       hit = hit && word[w] == waiting;
#endif
       // One that is fired already is woken again: who did it may be halted.
       if :: hit -> word[w] = fired :: else fi;
#endif
       MAY_HALT
     };
     if
     :: atomic { hit -> asleep[w] = false; MAY_HALT }
     :: else
     fi;
#ifndef CLEAR_BEFORE
     clear()
#endif
  fi;
  atomic { FORGET(tickets[w]); w = 0; budget = budget - hit; hit = false }
}

#define LOOK_AT_WORD LOOK(tickets[w]); hit = (word[w] != idle)

#ifdef CLEAR_UNCOUNTED
#define UNCHANGED(lane) (armed[lane] == old_armed && due[lane] == old_due)
#else
#define UNCHANGED(lane) (armed[lane] == old_armed && due[lane] == old_due && SAME(armings[lane]))
#endif

#define LOAD_LANE(lane) old_armed = armed[lane]; old_due = due[lane]; LOOK(armings[lane])
#define FORGET_LANE(lane) old_armed = 0; old_due = 0; FORGET(armings[lane])

// Clears the bits of the arming whose ticket was looked at.
inline clear() {
#ifdef CLEAR_BLINDLY
  atomic { armed[LANE(w)] = armed[LANE(w)] & ~BIT(w); due[LANE(w)] = due[LANE(w)] & ~BIT(w); MAY_HALT }
#else
  atomic { LOAD_LANE(LANE(w)); again = true; MAY_HALT };
  do
  :: atomic { again -> again = (SAME(tickets[w]) && ((old_armed | old_due) & BIT(w))); MAY_HALT };
     atomic {
       if
       :: again && !UNCHANGED(LANE(w)) -> LOAD_LANE(LANE(w))
       :: again && UNCHANGED(LANE(w)) ->
            armed[LANE(w)] = armed[LANE(w)] & ~BIT(w); due[LANE(w)] = due[LANE(w)] & ~BIT(w);
            again = false; FORGET_LANE(LANE(w))
       :: else -> FORGET_LANE(LANE(w))
       fi;
       MAY_HALT
     }
  :: else -> break
  od
#endif
}

// Fires some of those who are due, lane by lane.
inline fire_due() {
  do
  :: atomic { lane < LANES && budget > 0 -> todo = due[lane]; MAY_HALT };
     do
     :: atomic { todo != 0 && budget > 0 -> pick(); LOOK_AT_WORD; MAY_HALT }; fire_and_clear(due[LANE(w)])
     :: else -> break
     od;
     atomic { lower = lower && todo == 0; todo = 0; lane++ }
  :: else -> break
  od;
  atomic { lower = lower && budget > 0; lane = 0 }
}

// Marks all but one of those who wait in a lane as due: a compare-and-swap. That one is fired
// first.
inline mark() {
  atomic { LOAD_LANE(lane); again = true; MAY_HALT };
  do
  :: atomic { again ->
#ifdef CLOSE_MISSES_ONE
       todo = (closed -> old_armed & ~BIT(0) : old_armed);
#else
       todo = old_armed;
#endif
       if :: first == 0 && todo != 0 -> pick(); first = w + 1; w = 0 :: else fi;
       if
       :: (todo & ~old_due) == 0 -> again = false
       :: (todo & ~old_due) != 0 && UNCHANGED(lane) -> due[lane] = due[lane] | todo; again = false
       :: else -> if :: first != 0 && LANE(first - 1) == lane -> first = 0 :: else fi; LOAD_LANE(lane)
       fi;
       if :: again :: else -> any = any || todo != 0; todo = 0; FORGET_LANE(lane) fi;
       MAY_HALT
     }
  :: else -> break
  od
}

// What a publisher does after its message is in the ring, and a closer after the end is.
inline notify(wakes) {
  atomic { hit = sleepers_flag; MAY_HALT };  // N2
  if
  :: atomic { hit ->  // N3
       hit = sleepers_flag;
       if :: hit -> LOOK(raises) :: else fi;
       lower = hit; budget = wakes * hit;
       MAY_HALT
     }
  :: else
  fi;
  if
  :: atomic { hit -> hit = false };
#ifdef LOWER_FIRST
     atomic { sleepers_flag = sleepers_flag && !SAME(raises); MAY_HALT };
#endif
#ifdef MARK_AND_FIRE
     do
     :: at < LANES ->
          lane = at;
          if :: budget < wakes -> first = 99 :: else fi;
          mark();
          lane = 0;
          if
          :: first == 99 -> first = 0
          :: atomic { first != 0 && first != 99 -> w = first - 1; first = 0; LOOK_AT_WORD; MAY_HALT };
             fire_and_clear((armed[LANE(w)] | due[LANE(w)]))
          :: else
          fi;
          if :: any -> fire_due() :: else fi;
          any = false; at++
     :: else -> at = 0; break
     od;
#else
     do
     :: lane < LANES -> mark(); lane++
     :: else -> lane = 0; break
     od;
     if
     :: atomic { first != 0 -> w = first - 1; first = 0; LOOK_AT_WORD; MAY_HALT };
        fire_and_clear((armed[LANE(w)] | due[LANE(w)]));
        if :: any -> fire_due() :: else fi
     :: else
     fi;
#endif
     atomic {  // N6
       any = false; budget = 0;
#ifdef LOWER_BLINDLY
       sleepers_flag = sleepers_flag && !lower;
#endif
#if !defined(LOWER_FIRST) && !defined(LOWER_BLINDLY)
       sleepers_flag = sleepers_flag && !(lower && SAME(raises));
#endif
       lower = false; FORGET(raises);
       MAY_HALT
     }
  :: else
  fi
}

inline close_bus() {
  atomic { closed = true; MAY_HALT };
  notify((SLEEPERS + 1));
  close_done = true
}

proctype notifier(byte me) {
  LOCALS;
  byte count;
  do
  :: PUBLISHES == 0 || count < PUBLISHES ->
       if :: PUBLISHES == 0 :: else -> count++ fi;
       atomic {
         hit = closed;
         if
         :: hit
         :: else -> news = ALL; if :: me == MORTAL :: else -> owed = ALL fi
         fi;
         MAY_HALT
       };
       if
       :: (!hit) -> notify(WAKES)
       :: else ->
            hit = false;
            if :: close_done :: else -> close_bus() fi
       fi
  :: else -> break
  od;
halted:
  skip
}

proctype sleeper(byte me) {
  LOCALS;
  bool ready, given_up;
  byte count;
#if ASLEEP
  goto doze;
#endif
  do
  :: atomic {
       if
       :: news & BIT(me) -> news = news & ~BIT(me); owed = owed & ~BIT(me); count++; if :: RECEIVES == count -> break :: else -> count = count * (RECEIVES != 0) fi
       :: else -> if :: closed -> break :: else -> ready = true fi
       fi;
       MAY_HALT
     };
     if
     :: ready ->
          ready = false;
#ifdef LOOK_FIRST
          atomic { ready = ((news & BIT(me)) || closed); MAY_HALT };
#endif
          atomic { tickets[me] = 0; word[me] = waiting; MAY_HALT };  // S1
          atomic { armed[LANE(me)] = armed[LANE(me)] | BIT(me); armings[LANE(me)] = 0; MAY_HALT };
          atomic { sleepers_flag = true; raises = 0; MAY_HALT };  // S2
#ifndef LOOK_FIRST
          atomic { ready = ((news & BIT(me)) || closed); MAY_HALT };  // S3
#endif
          if
          :: ready
          :: else ->
               atomic { asleep[me] = (word[me] == waiting); MAY_HALT };  // S4
doze:
               if
               :: atomic { !asleep[me] -> MAY_HALT }
               :: atomic { me == HASTY && !given_up && asleep[me] -> given_up = true; asleep[me] = false }
               fi
          fi;
          atomic { ready = (word[me] == fired); word[me] = idle; MAY_HALT };  // W1
          atomic { armed[LANE(me)] = armed[LANE(me)] & ~BIT(me); due[LANE(me)] = due[LANE(me)] & ~BIT(me); MAY_HALT };
#ifndef NO_HAND_ON
          if
          :: ready -> budget = WAKES; fire_due(); budget = 0
          :: else
          fi;
#endif
          ready = false
     :: else
     fi
  od;
halted:
  skip
}

#if CLOSER
proctype closer(byte me) {
  LOCALS;
  close_bus();
halted:
  skip
}
#endif

byte i;

// Runs when nobody else can any more: nobody may sleep although a message, or the end of the bus,
// awaits it. (A publisher halted inside its publish answers for nobody.)
active proctype judge() {
  atomic {
    timeout ->
      do
      :: i < SLEEPERS ->
           assert(!(asleep[i] && (owed & BIT(i))));
           assert(!(asleep[i] && close_done));
           i++
      :: else -> break
      od
  }
}

init {
  atomic {
    do :: i < SLEEPERS -> run sleeper(i); if :: ASLEEP -> armed[LANE(i)] = armed[LANE(i)] | BIT(i) :: else fi; i++ :: else -> break od;
    do :: i < SLEEPERS + NOTIFIERS -> run notifier(i); i++ :: else -> break od;
#if CLOSER
    run closer(i);
#endif
    i = 0
  }
}
