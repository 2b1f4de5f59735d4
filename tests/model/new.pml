/* new.pml - the proposed run: a loop of looks; each look allows one write, the first step of the plan made from it.
   The wanted state is in the tags (hold=release: undone), so every run of a group, whoever started it, wants the same. */
#ifndef P_PRN
#define P_PRN 1
#endif
/* the sweep asks the plan: is there a step that writes, or does the guest differ? */
#define BOUNDM (on & mem)
#define NEEDS(g) due = (eing[g] && ((hold[g] == 2 && (est[g] == ON || BOUNDM)) || (hold[g] == 0 && ( \
   (est[g] == OFF && iing[g] && (BOUNDM || kn)) || \
   ((est[g] == OFF || (det[g] && iing[g])) && ((kn & ~on) || (prn[g] && (on & ~mem)))) || \
   (est[g] == ON && iing[g] && ((gset[g] & BOUNDM) != BOUNDM || (gset[g] & ~on)))))))
#include "env.pml"

#if CRASHES > 0
#define CRASH if :: skip :: atomic { crashes > 0 && !fin -> crashes--; goto died } fi
#else
#define CRASH
#endif
/* clocks that differ: a look may be dated one or two looks too early, until the run has seen the guest's stamp */
#ifdef SKEW
#define SKEWED if :: seen -> seen = 0 :: !seen :: !seen && asof[r] > 1 -> asof[r]-- :: !seen && asof[r] > 2 -> asof[r] = asof[r] - 2 fi;
#else
#define SKEWED
#endif
#if NR == 2
#define OTHERSIDLE (!live[1-r])
#elif NR == 3
#define OTHERSIDLE (!live[(r+1)%3] && !live[(r+2)%3])
#endif
#if NR > 1
#define OTHERLIVE (!(OTHERSIDLE))
#else
#define OTHERLIVE 0
#endif
#define END 0
#define HOLD 1
#define WENI 2
#define WEIP 3
#define NARROW 4
#define DETACH 5
#define UNA 6
#define ASSOC 7
#define ATTACH 8
#define GUEST 9
#define READY 10
#define RELG 11
#define RDET 12
#define RUNA 13
#define RELEASED 14
#define WITHDRAWN 15
#define GIVES(h) (eing[h] && prn[h] && hold[h] == 0 && (det[h] || est[h] == OFF))

proctype Run(byte r) {
  byte g; bit rel; byte hnt; byte fm; byte fb; byte fe; byte fr; byte fst; bit fdet; bit fprn; byte fh; bit fing; bit fiing;
  byte ret; byte miss; byte exc; byte m; byte looks; byte i; bit owes; byte nar; byte rf; bit single; bit relg; bit said; bit woke; bit ans; byte am; byte ak; bit mvs; byte act; bit seen; byte nd;
idle:
end1: atomic {
    (r == 0 || live[0]) && (r < 2 || live[1]) && WORK;
    if
    :: wake[0] -> g = 0; wake[0] = 0; hnt = hint[0]; hint[0] = 0
#if NG > 1
    :: wake[1] -> g = 1; wake[1] = 0; hnt = hint[1]; hint[1] = 0
#endif
    :: relreq -> g = 0; relreq = 0; rel = 1
    fi; live[r] = 1; win[r] = !rel }
look:
  /* a look, first list(s): ENI, instance, EIPs by tag; a row's own tag decides, ids that the event named are read by id */
  atomic { looks++; assert(looks < LMAX);
    newsince[r] = 0; CLRT(r); stamp(r); SKEWED fm = 0; fe = 0; fr = 0;
    fst = est[g]; fdet = det[g]; fprn = prn[g]; fing = eing[g]; fiing = iing[g]; fh = hold[g];
#ifdef NOHOLD
    if :: fh == 2 && !rel -> fh = 0 :: else fi;             /* an apply does not know that the group is wanted undone */
#endif

    for (i : 0 .. NE-1) {
      if :: tag[i] == g+1 && (!lag[i] || (hnt & BIT(i))) -> fm = fm | BIT(i);
            if :: bnd[i] != 0 && bnd[i] != g+1 -> fe = fe | BIT(i) :: else fi
         :: else fi;
      if :: rft[i] -> fr = fr | BIT(i) :: else fi } i = 0 }
  /* second list: what is bound to the ENI, with each row's own tag; then the plan's first step */
  atomic { fb = 0; mvs = 0;
    for (i : 0 .. NE-1) {
      if :: bnd[i] == g+1 -> fb = fb | BIT(i); 
#ifndef NOOWNTAG
            if :: tag[i] == g+1 -> fm = fm | BIT(i) :: else fi;
#endif
            if :: mv[i] -> mvs = 1 :: else fi :: else fi;
      skip } i = 0;
    miss = fm & ~fb & ~fe & ~rf & ~fr; exc = 0; if :: fprn -> exc = fb & ~fm :: else fi;
    if :: fh == 1 -> miss = 0; exc = 0 :: else fi;
    act = END; m = 0;
    if
    :: !fing -> skip
    :: fing && rel && fh != 2 -> if :: !said -> act = HOLD :: else -> act = WITHDRAWN fi
    :: fing && !(rel && fh != 2) ->
       if
       :: fh == 1 && !owes -> skip
       :: !(fh == 1 && !owes) && (fst == ATT || fst == DET) -> act = WENI
       :: !(fh == 1 && !owes) && !(fst == ATT || fst == DET) && mvs -> act = WEIP
       :: !(fh == 1 && !owes) && !(fst == ATT || fst == DET) && !mvs && fh == 2 ->
          if :: fst == ON && (fb & ~fm) && !fprn -> skip             /* somebody else's EIP would go with it: blocked */
             :: fst == ON && !((fb & ~fm) && !fprn) -> if :: !relg -> act = RELG :: else -> act = RDET fi
             :: fst == OFF && (fb & fm) -> act = RUNA; do :: ((fb & fm) & BIT(m)) -> break :: else -> m++ od
             :: fst == OFF && !(fb & fm) -> act = RELEASED
          fi
       :: !(fh == 1 && !owes) && !(fst == ATT || fst == DET) && !mvs && fh != 2 ->
          if
          :: fst == ON && (miss || exc) && fdet && fiing && nd < 2 -> if :: nar != (fb & ~exc) + 1 -> act = NARROW :: else -> act = DETACH fi
          :: fst == ON && !((miss || exc) && fdet && fiing && nd < 2) ->
             if :: !fiing || (fb & fm) == 0 -> skip
                :: !(!fiing || (fb & fm) == 0) && ans && am == (fb & fm) && ak == ((fb & ~fm) & ~exc) -> act = READY
                :: !(!fiing || (fb & fm) == 0) && !(ans && am == (fb & fm) && ak == ((fb & ~fm) & ~exc)) -> act = GUEST
             fi
          :: fst == OFF && exc -> act = UNA; do :: (exc & BIT(m)) -> break :: else -> m++ od
          :: fst == OFF && !exc && miss -> act = ASSOC;
             if :: single -> do :: (miss & BIT(m)) -> break :: else -> m++ od; i = m; m = BIT(i); i = 0 :: else -> m = miss fi
          :: fst == OFF && !exc && !miss -> if :: fiing && (fb & fm) -> act = ATTACH :: else fi
          fi
       fi
    fi }
  if
  :: act == END -> goto ends
  :: act == WITHDRAWN -> rel = 0; goto look                          /* the hold was taken off again */
  :: atomic { act == HOLD -> if :: eing[g] -> hold[g] = 2; changed() :: else fi; said = 1 } CRASH; goto look
  :: act == WENI -> (est[g] == ON || est[g] == OFF); goto look
  :: act == WEIP -> CALMEIPS; goto look
  :: d_step { act == NARROW -> ans = 0; m = fb & ~exc; cst[r] = 1; cset[r] = m & fm; ckeep[r] = m & ~fm; cas[r] = asof[r]; cg[r] = g } CRASH;
     d_step { cst[r] >= 2 -> if :: cst[r] == 2 -> nar = m + 1 :: else -> seen = (cst[r] == 3) fi; clr(r); m = 0 } goto look
  :: atomic { act == DETACH -> ans = 0; w_detach(r, g, APPLY); if :: ret == 0 -> owes = 1; nd++ :: else fi } CRASH; (est[g] == ON || est[g] == OFF); goto look
  :: atomic { act == UNA -> if :: tag[m] != 0 && tag[m] != g+1 -> wake[tag[m]-1] = 1; hint[tag[m]-1] = hint[tag[m]-1] | BIT(m) :: else fi } CRASH;   /* the group that claims it is told first */
     atomic { w_unassoc(r, g, m, APPLY); skip } CRASH; (ret || bnd[m] != g+1 || mv[m] == 0); goto look
  :: atomic { act == ASSOC -> w_assoc(r, g, m);
       if
       :: ret == 2 && !single -> single = 1                          /* refused: look once more, then one by one */
       :: ret == 2 && single -> rf = rf | m                          /* final for this run */
       :: else
       fi } CRASH;
     if :: (rf & m) && fb -> i = 0; do :: (m & BIT(i)) -> break :: else -> i++ od; rft[i] = 1; i = 0; CRASH :: else fi;   /* remembered in a tag where others are served */
     goto look
  :: atomic { act == ATTACH -> w_attach(r, g, owes) } CRASH;
     if :: ret -> goto look :: else fi;
     am = fb & fm; ak = fb & ~fm; send(r, g, am, ak); CRASH;         /* the command is on its way while the attach ends */
     (est[g] == ON || est[g] == OFF); goto answer
  :: act == GUEST -> am = fb & fm; ak = (fb & ~fm) & ~exc; send(r, g, am, ak); CRASH; goto answer
  :: act == READY ->
#ifdef CHK_READY
     assert(TOUCHED(r) || ((gset[g] & am) == am && (gset[g] & ~fb) == 0));   /* ready is true at its last look */
#endif
     goto ends
  :: act == RELG -> ans = 0; send(r, g, 0, 0); CRASH; d_step { cst[r] >= 2 -> if :: cst[r] == 2 -> relg = 1 :: else fi; clr(r) } goto look
  :: atomic { act == RDET -> w_detach(r, g, REL);
#ifndef RELOWESNOTHING
       if :: ret == 0 -> owes = 1 :: else fi                           /* owed once the release is called off */
#endif
     } CRASH; (est[g] == ON || est[g] == OFF); goto look
  :: atomic { act == RUNA -> w_unassoc(r, g, m, REL); skip } CRASH; (ret || bnd[m] != g+1 || mv[m] == 0); goto look
  :: act == RELEASED ->
#ifdef CHK_READY
     assert(TOUCHED(r) || (est[g] == OFF && (fb & fm) == 0));
#endif
     goto ends
  fi;
answer:
  atomic { cst[r] >= 2 -> if :: cst[r] == 2 -> ans = 1 :: else -> ans = 0; seen = (cst[r] == 3) fi; clr(r) }
  goto look;                                                         /* the last look: equal, or on */
ends:
  if :: win[r] -> win[r] = 0; goto look :: else fi;                  /* events may have collapsed into this run: look once after the window */
  /* members that hang elsewhere: their group is told, once */
  atomic { if :: fing && fh == 0 && fe && !woke -> woke = 1;
       for (i : 0 .. NE-1) { if :: (fe & BIT(i)) && bnd[i] != 0 && bnd[i] != g+1 -> if :: GIVES(bnd[i]-1) -> wake[bnd[i]-1] = 1 :: else fi :: else fi } i = 0
     :: else fi }
#if NG > 1 && NR > 1
  /* and waited for, with patience: until it is free, or its group does not give it any more, or nobody works on it */
  if
  :: fing && fh == 0 && fe && GIVES(1-g) ->
     d_step { m = 0; do :: (fe & BIT(m)) -> break :: else -> m++ od }
     if
     :: bnd[m] != 2-g -> m = 0; goto look
     :: atomic { wake[g] -> wake[g] = 0; hnt = hnt | hint[g]; hint[g] = 0; m = 0 } goto look
     :: bnd[m] == 2-g && (!GIVES(1-g) || (!wake[1-g] && OTHERSIDLE) || (wake[1-g] && !OTHERSIDLE)) -> m = 0   /* the last: patience is over, no slot is free for the holder */
     fi
  :: else
  fi;
#endif
#ifdef CHK_LEFTOFF
  d_step { m = 0; for (i : 0 .. NE-1) { if :: bnd[i] == g+1 && tag[i] == g+1 -> m = 1 :: else fi } i = 0;
           /* another run that is alive has bound it since our last look, and is the one to attach it */
           assert(!(lastdet[g] == r+1 && est[g] == OFF && eing[g] && iing[g] && hold[g] != 2 && m) || newsince[r] || OTHERLIVE); m = 0 }
#endif
  goto ended;
died: skip;
  d_step { if :: cst[r] == 1 && !ost -> ost = 1; oset = cset[r]; okeep = ckeep[r]; oas = cas[r]; og = cg[r] :: else fi; clr(r);
#ifdef FCRETRY
           wake[g] = 1;
#endif
         }
ended: skip;
  d_step { clr(r); asof[r] = 0; live[r] = 0; win[r] = 0; newsince[r] = 0; CLRT(r); if :: lastdet[g] == r+1 -> lastdet[g] = 0 :: else fi;
    fm = 0; fb = 0; fe = 0; fr = 0; fst = 0; fdet = 0; fprn = 0; fh = 0; fing = 0; fiing = 0; ret = 0; miss = 0; exc = 0; m = 0; looks = 0;
    owes = 0; nar = 0; rf = 0; single = 0; relg = 0; said = 0; woke = 0; ans = 0; am = 0; ak = 0; mvs = 0; rel = 0; hnt = 0; g = 0; act = 0; seen = 0; nd = 0 }
  goto idle }

active proctype Start() { up; atomic { run Run(0);
#if NR > 1
  run Run(1);
#endif
#if NR > 2
  run Run(2)
#endif
 } }
