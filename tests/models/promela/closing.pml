// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Promela model of how the order ends where the sole publisher uses plain stores
// (kernel/dense_ring.hpp): a publisher with a store buffer, closers, and readers who drain. Safety:
// everybody agrees on the end, and what was accepted, refused and delivered fits it. Liveness: once
// a close has begun, readers come to the end, whoever else halts.
//
// Parameters:
//   MESSAGES, READERS, CLOSERS
//   PORTABLE   0: the asymmetric fence is membarrier, which empties the store buffers of all;
//              1: both sides run an ordinary fence, each for itself
//   MORTAL     may halt: 0 the publisher, 1 the first closer, 2 the first reader; 99: none
//
// With LIVENESS, the formula at the end is checked.
//
// Mutants, each of which must be caught: NO_BARRIER, PUBLISHER_LOOKS_FIRST, READER_LOOKS_FIRST,
// PROPOSAL_WINS.

#ifndef MESSAGES
#define MESSAGES 3
#endif
#ifndef READERS
#define READERS 1
#endif
#ifndef CLOSERS
#define CLOSERS 1
#endif
#ifndef PORTABLE
#define PORTABLE 0
#endif
#ifndef MORTAL
#define MORTAL 99
#endif

#define UNSETTLED 99

// How many messages the publisher has stored, and how many of these stores others see.
byte stored, visible;
bool closing;
byte end_of_order = UNSETTLED;

// What callers were told.
byte accepted, refused;
bool publisher_done;
byte delivered[READERS];
bool reader_done[READERS];

#define MAY_HALT(who) if :: who == MORTAL -> goto halted :: true fi

// The heavy and the light half of the asymmetric fence.
#if PORTABLE
#define HEAVY skip
#define LIGHT_OF_PUBLISHER visible = stored
#else
#define HEAVY visible = stored
#define LIGHT_OF_PUBLISHER skip
#endif

inline settle(who) {
  atomic { decided = end_of_order; MAY_HALT(who) };
  if
  :: decided == UNSETTLED ->
#ifndef NO_BARRIER
       atomic { HEAVY; MAY_HALT(who) };
#endif
       atomic { decided = visible; if :: who == 0 -> decided = stored :: else fi; MAY_HALT(who) };
       atomic {
#ifdef PROPOSAL_WINS
         end_of_order = decided;
#else
         if :: end_of_order == UNSETTLED -> end_of_order = decided :: else -> decided = end_of_order fi;
#endif
         MAY_HALT(who)
       }
  :: else
  fi
}

// Stores leave the buffer in their order, at any time.
active proctype store_buffer() {
end:
  do
  :: atomic { visible < stored -> visible++ }
  od
}

active proctype publisher() {
  byte decided;
  bool seen;
  do
  :: stored < MESSAGES ->
#ifdef PUBLISHER_LOOKS_FIRST
       atomic { seen = closing; MAY_HALT(0) };
#endif
       atomic { stored++; MAY_HALT(0) };
       atomic { LIGHT_OF_PUBLISHER; MAY_HALT(0) };
#ifndef PUBLISHER_LOOKS_FIRST
       atomic { seen = closing; MAY_HALT(0) };
#endif
       if
       :: seen ->
            settle(0);
            atomic { if :: stored > decided -> refused = stored - decided :: else accepted++ fi };
            break
       :: else -> accepted++
       fi
  :: else -> break
  od;
  publisher_done = true;
halted:
  skip
}

proctype closer(byte who) {
  byte decided;
  atomic { closing = true; MAY_HALT(who) };
  settle(who);
halted:
  skip
}

proctype reader(byte me; byte who) {
  byte decided, cursor, tail;
  bool seen;
  do
  ::
#ifdef READER_LOOKS_FIRST
     atomic { seen = closing; MAY_HALT(who) };
#endif
     atomic { tail = visible; MAY_HALT(who) };
#ifndef READER_LOOKS_FIRST
     atomic { seen = closing; MAY_HALT(who) };
#endif
     if
     :: (!seen) && tail > cursor -> atomic { cursor++; delivered[me] = cursor }
     :: (!seen) && tail <= cursor -> visible > cursor || closing  // Empty: looks again
     :: seen ->
          settle(who);
          if
          :: cursor < decided -> atomic { cursor++; delivered[me] = cursor }
          :: else -> break
          fi
     fi
  od;
  assert(cursor == decided);
  reader_done[me] = true;
halted:
  skip
}

byte i;

active proctype judge() {
  atomic {
    timeout ->
      assert(end_of_order != UNSETTLED || !closing || MORTAL == 1);
      if
      :: end_of_order != UNSETTLED ->
           assert(accepted <= end_of_order);
           assert(!publisher_done || accepted == end_of_order);
           assert(!publisher_done || accepted + refused == stored);
           do
           :: i < READERS ->
                assert(delivered[i] <= end_of_order);
                assert(!reader_done[i] || delivered[i] == end_of_order);
                i++
           :: else -> break
           od
      :: else
      fi
  }
}

init {
  atomic {
    do :: i < CLOSERS -> run closer(i + 1 + (i > 0 -> READERS : 0)); i++ :: else -> break od;
    i = 0;
    do :: i < READERS -> run reader(i, i + 2); i++ :: else -> break od;
    i = 0
  }
}

#define DRAINED reader_done[READERS - 1]
#ifdef LIVENESS
ltl comes_to_the_end { [] (closing -> <> DRAINED) }
#endif
