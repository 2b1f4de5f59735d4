/* env.pml - the world that both protocols run in: the cloud, the guest, the operator, events, crashes, sweep.
   One step = one API call (a list, a write) or one event of the cloud. No call is atomic with another. */
#ifndef NG
#define NG 1            /* groups = ENIs (0 = a, 1 = b) */
#endif
#ifndef NE
#define NE 2            /* EIPs */
#endif
#ifndef NR
#define NR 2            /* runs that may be in flight */
#endif
#ifndef OPS
#define OPS 2           /* what the operator may change */
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef LMAX
#define LMAX 24
#endif
#define OFF 0
#define ATT 1
#define ON  2
#define DET 3
#define BIT(e) (1 << (e))
#define APPLY 0
#define REL 1

byte est[NG];  bit eing[NG]; bit iing[NG]; bit det[NG]; bit prn[NG]; byte hold[NG];   /* hold: 0 none 1 pause 2 release */
byte tag[NE];  bit lag[NE];  byte bnd[NE]; byte mv[NE]; bit bad[NE];                  /* mv: 1 associating 2 unassociating */
byte gset[NG]; byte gstamp[NG];                                                        /* the guest */
byte wake[NG]; byte hint[NG]; bit relreq;                                              /* queued runs */
byte cst[NR]; byte cset[NR]; byte ckeep[NR]; byte cas[NR]; byte cg[NR];                                /* a run's command: 1 sent 2 ok 3 refused as older 4 no NIC */
byte ost; byte oset; byte okeep; byte oas; byte og;                                                /* the command of a dead run, still on its way */
bit live[NR]; byte asof[NR];
#ifdef CHK_READY
bit touched[NR];
#define TOUCHED(r) touched[r]
#define SETT(r) touched[r] = 1
#define CLRT(r) touched[r] = 0
#else
#define TOUCHED(r) 1
#define SETT(r) skip
#define CLRT(r) skip
#endif
bit win[NR]; bit rft[NE];
bit newsince[NR];                                                                      /* something changed since this run began its last read */
byte lastdet[NG];                                                                      /* which run took the ENI off last (slot+1) */
byte crashes = CRASHES; byte ops = OPS; bit up; bit fin; bit frozen; bit livelock; bit saidrel; byte spent;
byte prefail;                                                                          /* falls of the cloud left: an attach that falls back */

hidden byte mx; hidden byte vv; hidden byte jj; hidden byte used; hidden byte qq; hidden byte ee; hidden byte busy; hidden byte nope; hidden byte elsew; hidden byte tt; hidden byte kk;
#if NE == 1
#define CALMEIPS (mv[0] == 0)
#elif NE == 2
#define CALMEIPS (mv[0] == 0 && mv[1] == 0)
#else
#define CALMEIPS (mv[0] == 0 && mv[1] == 0 && mv[2] == 0)
#endif
#if NR == 1
#define IDLE (!live[0])
#elif NR == 2
#define IDLE (!live[0] && !live[1])
#else
#define IDLE (!live[0] && !live[1] && !live[2])
#endif
#if NG > 1
#define WORK (wake[0] || wake[1] || relreq)
#else
#define WORK (wake[0] || relreq)
#endif
#ifdef OLD
#define UNPLUG(g) gset[g] = 0
#else
#define UNPLUG(g) skip          /* the guest keeps its files: the same set is back when the NIC is */
#endif
/* ---------- ranks instead of times: only the order of looks matters ---------- */
inline stamp(r) { d_step {
  mx = 0; used = 0;
  for (jj : 0 .. NR-1) { if :: asof[jj] > mx -> mx = asof[jj] :: else fi; if :: cst[jj] == 1 && cas[jj] > mx -> mx = cas[jj] :: else fi }
  for (jj : 0 .. NG-1) { if :: gstamp[jj] > mx -> mx = gstamp[jj] :: else fi }
  if :: ost && oas > mx -> mx = oas :: else fi;
  mx++; asof[r] = mx; vv = 1;
  do
  :: vv < mx ->
     used = 0;
     for (jj : 0 .. NR-1) { if :: asof[jj] == vv || (cst[jj] == 1 && cas[jj] == vv) -> used = 1 :: else fi }
     for (jj : 0 .. NG-1) { if :: gstamp[jj] == vv -> used = 1 :: else fi }
     if :: ost && oas == vv -> used = 1 :: else fi;
     if
     :: used -> vv++
     :: else ->
        for (jj : 0 .. NR-1) { if :: asof[jj] > vv -> asof[jj]-- :: else fi; if :: cst[jj] == 1 && cas[jj] > vv -> cas[jj]-- :: else fi }
        for (jj : 0 .. NG-1) { if :: gstamp[jj] > vv -> gstamp[jj]-- :: else fi }
        if :: ost && oas > vv -> oas-- :: else fi;
        mx--
     fi
  :: else -> break
  od;
  mx = 0; vv = 0; jj = 0; used = 0 } }

inline changed() { for (qq : 0 .. NR-1) { newsince[qq] = 1; SETT(qq) } qq = 0 }
inline touch(r) { for (qq : 0 .. NR-1) { if :: qq != r -> SETT(qq) :: else fi } qq = 0 }
/* an event wakes the group's runs; LOSE: it may be lost */
#ifdef WINDOW
#if NR == 1
#define COLLAPSES (live[0] && win[0])
#elif NR == 2
#define COLLAPSES ((live[0] && win[0]) || (live[1] && win[1]))
#else
#define COLLAPSES ((live[0] && win[0]) || (live[1] && win[1]) || (live[2] && win[2]))
#endif
inline event(g, m) { if :: COLLAPSES -> skip :: else -> wake[g] = 1; hint[g] = hint[g] | (m) fi }
#elif defined(LOSE)
inline event(g, m) { if :: wake[g] = 1; hint[g] = hint[g] | (m) :: skip fi }
#else
inline event(g, m) { wake[g] = 1; hint[g] = hint[g] | (m) }
#endif

inline clr(r) { cst[r] = 0; cset[r] = 0; ckeep[r] = 0; cas[r] = 0; cg[r] = 0 }
inline send(r, g, s, k) { d_step { cst[r] = 1; cset[r] = s; ckeep[r] = k; cas[r] = asof[r]; cg[r] = g } }

/* what the guest does with a command; old: takes any; new: refuses an older set */
inline guest_exec(st, s, k, a, g, w) {
  if
  :: est[g] != ON -> st = 4
#ifdef OLD
  :: est[g] == ON ->
#ifdef CHK_GUEST
     assert(a >= gstamp[g] || s == gset[g]);        /* an older look never overwrites a newer one */
#endif
     gset[g] = s; if :: a > gstamp[g] -> gstamp[g] = a :: else fi; st = 2
#else
#ifdef NOSTAMP
#define NEWER(a, s) 1
#else
#define NEWER(a, s) (a > gstamp[g] || (a == gstamp[g] && s == gset[g]))
#endif
  :: est[g] == ON && NEWER(a, s) ->
#ifdef CHK_GUEST
     assert(a >= gstamp[g] || s == gset[g]);        /* with the stamp left out, an older look overwrites a newer one */
#endif
     gset[g] = s | (gset[g] & (k)); gstamp[g] = a; touch(w); st = 2
  :: est[g] == ON && !NEWER(a, s) -> st = 3
#endif
  fi }

/* ECS tells that an ENI is attached or detached, without a caller */
inline eni_done(g) {
#ifdef ENI_EVENTS
  if :: !fin -> wake[g] = 1 :: else fi
#else
  skip
#endif
}

active proctype Cloud() {
  byte i;
  up;
end: do
  :: atomic { est[0] == ATT -> est[0] = ON; eni_done(0) }
  :: atomic { est[0] == DET -> est[0] = OFF; eni_done(0) }
#if NG > 1
  :: atomic { est[1] == ATT -> est[1] = ON; eni_done(1) }
  :: atomic { est[1] == DET -> est[1] = OFF; eni_done(1) }
#endif
  :: atomic { prefail > 0 && est[0] == ATT -> prefail--; est[0] = OFF; eni_done(0) }
  :: d_step { mv[0] == 1 -> mv[0] = 0 }
  :: d_step { mv[0] == 2 -> mv[0] = 0; bnd[0] = 0 }
#if NE > 1
  :: d_step { mv[1] == 1 -> mv[1] = 0 }
  :: d_step { mv[1] == 2 -> mv[1] = 0; bnd[1] = 0 }
#endif
#if NE > 2
  :: d_step { mv[2] == 1 -> mv[2] = 0 }
  :: d_step { mv[2] == 2 -> mv[2] = 0; bnd[2] = 0 }
#endif
  :: d_step { lag[NE-1] -> lag[NE-1] = 0 }
  /* the guest takes a command when it arrives; one that finds no NIC waits for it, or gives up */
  :: atomic { cst[0] == 1 -> guest_exec(cst[0], cset[0], ckeep[0], cas[0], cg[0], 0) }
#if NR > 1
  :: atomic { cst[1] == 1 -> guest_exec(cst[1], cset[1], ckeep[1], cas[1], cg[1], 1) }
#endif
#if NR > 2
  :: atomic { cst[2] == 1 -> guest_exec(cst[2], cset[2], ckeep[2], cas[2], cg[2], 2) }
#endif
  :: atomic { ost == 1 -> guest_exec(ost, oset, okeep, oas, og, 9); ost = 0; oset = 0; okeep = 0; oas = 0; og = 0 }
  od }

/* ---------- the operator ---------- */
active proctype Operator() {
  up;
  do
  :: ops > 0 && !fin -> atomic { ops--;
     if
#ifdef O_ADD
     :: tag[NE-1] != 1 -> tag[NE-1] = 1;
#ifdef LAG
        lag[NE-1] = 1;
#endif
        event(0, BIT(NE-1))
#endif
#ifdef O_UNTAG
     :: tag[NE-1] == 1 -> tag[NE-1] = 0; event(0, 0)
#endif
#ifdef O_MOVE
     :: tag[0] == 1 -> tag[0] = 2; event(1, BIT(0))        /* TagResources overwrites: the event names group b only */
     :: tag[0] == 2 -> tag[0] = 1; event(0, BIT(0))
#endif
#ifdef O_TAKE
     :: tag[1] == 2 -> tag[1] = 1; event(0, BIT(1))
#endif
#ifdef O_DET
     :: det[0] = 1 - det[0]; event(0, 0)
#endif
#ifdef O_PRN
     :: prn[0] = 1 - prn[0]; event(0, 0)
#endif
#ifdef O_INST
     :: iing[0] = 1 - iing[0]; event(0, 0)
#endif
#ifdef O_ENI
     :: eing[0] = 1 - eing[0]; event(0, 0)
#endif
#ifdef O_PAUSE
     :: hold[0] == 0 -> hold[0] = 1; event(0, 0)
     :: hold[0] == 1 -> hold[0] = 0; event(0, 0)
#endif
#ifdef O_RELEASE
     :: !saidrel && !relreq -> relreq = 1; saidrel = 1
#endif
#ifdef O_RESUME
     :: hold[0] == 2 -> hold[0] = 0; event(0, 0)
#endif
#ifdef O_SOFTEN
     :: hold[0] == 2 -> hold[0] = 1; event(0, 0)            /* the release is called off, and nobody shall write any more */
#endif
#ifdef O_BAD
     :: !bad[NE-1] && bnd[NE-1] == 0 -> bad[NE-1] = 1       /* the cloud will refuse it; no rule foresees that, no event */
#endif
#ifdef O_HAND
     :: est[0] == ON -> est[0] = DET; UNPLUG(0); event(0, 0)
#endif
     :: skip
     fi;
     changed() }
  :: ops = 0; break
  od }

/* ---------- invariants at a write ---------- */
/* violated only where the withdrawal came before the run began its latest read: what no read can show is nobody's fault */
#ifdef CHK_CONSENT
#define SURE(r, ok) assert((ok) || newsince[r])
#else
#define SURE(r, ok) skip
#endif
#define CALM assert(!frozen)

/* the cloud's rules for writes; `ret`: 0 accepted 1 wait or read again 2 never */
inline w_detach(r, g, kind) { d_step {
  if :: kind == APPLY -> SURE(r, eing[g] && det[g] && hold[g] == 0)
     :: else -> SURE(r, eing[g])
  fi;
  if :: est[g] == ON -> CALM; touch(r); est[g] = DET; UNPLUG(g); lastdet[g] = r + 1; ret = 0
     :: est[g] == OFF -> ret = 0
     :: else -> ret = 1
  fi } }
inline w_attach(r, g, owes) { d_step {
  SURE(r, eing[g] && iing[g] && (hold[g] == 0 || (hold[g] == 1 && owes)));
  if :: est[g] == OFF -> CALM; touch(r); est[g] = ATT; lastdet[g] = 0; ret = 0
     :: else -> ret = 1
  fi } }
inline w_assoc(r, g, m) { d_step {
  busy = 0; nope = 0; elsew = 0;
  for (ee : 0 .. NE-1) {
    if :: (m & BIT(ee)) -> SURE(r, eing[g] && tag[ee] == g+1 && hold[g] == 0);
          if :: bnd[ee] != 0 -> elsew = 1 :: else fi;
          if :: bad[ee] -> nope = 1 :: else fi
       :: else fi;
    if :: bnd[ee] == g+1 && mv[ee] -> busy = 1 :: else fi }
  if
  :: est[g] != OFF -> ret = 1
#ifdef OLD
     ; ret = 2                                              /* Eni.Attached is `never` there */
#endif
  :: est[g] == OFF && nope -> ret = 2
  :: est[g] == OFF && !nope && (busy || elsew) -> ret = 1
  :: est[g] == OFF && !nope && !busy && !elsew ->
     CALM; touch(r); for (ee : 0 .. NE-1) { if :: (m & BIT(ee)) -> bnd[ee] = g+1; mv[ee] = 1 :: else fi } ret = 0
  fi; ee = 0; busy = 0; nope = 0; elsew = 0 } }
inline w_unassoc(r, g, x, kind) { d_step {
  busy = 0;
  if :: kind == APPLY -> SURE(r, eing[g] && prn[g] && hold[g] == 0 && tag[x] != g+1)
     :: else -> SURE(r, eing[g])
  fi;
  for (ee : 0 .. NE-1) { if :: bnd[ee] == g+1 && mv[ee] -> busy = 1 :: else fi }
  if
  :: bnd[x] != g+1 -> ret = 0
  :: bnd[x] == g+1 && est[g] != OFF -> ret = 1
#ifdef OLD
     ; ret = 2
#endif
  :: bnd[x] == g+1 && est[g] == OFF && busy -> ret = 1
  :: bnd[x] == g+1 && est[g] == OFF && !busy -> CALM; touch(r); mv[x] = 2; ret = 0
  fi; ee = 0; busy = 0 } }

/* ---------- what must be true in the end ---------- */
inline truth(g) { d_step {
  mem = 0; on = 0; want = 0; kn = 0;
  for (tt : 0 .. NE-1) {
    if :: tag[tt] == g+1 -> mem = mem | BIT(tt) :: else fi;
    if :: bnd[tt] == g+1 -> on = on | BIT(tt) :: else fi;
    if :: tag[tt] == g+1 && !bad[tt] && (bnd[tt] == 0 || bnd[tt] == g+1 || (eing[bnd[tt]-1] && prn[bnd[tt]-1] && hold[bnd[tt]-1] == 0 && (det[bnd[tt]-1] || est[bnd[tt]-1] == OFF))) -> want = want | BIT(tt) :: else fi;
    if :: tag[tt] == g+1 && !rft[tt] && (bnd[tt] == 0 || bnd[tt] == g+1) -> kn = kn | BIT(tt) :: else fi;
    if :: tag[tt] == g+1 && !rft[tt] && bnd[tt] != 0 && bnd[tt] != g+1 -> if :: eing[bnd[tt]-1] && prn[bnd[tt]-1] && hold[bnd[tt]-1] == 0 && (det[bnd[tt]-1] || est[bnd[tt]-1] == OFF) -> kn = kn | BIT(tt) :: else fi :: else fi }
  tt = 0 } }
inline judge(g) {
  truth(g);
  if
  :: eing[g] && hold[g] == 2 && (prn[g] || (on & ~mem) == 0) -> assert(est[g] == OFF && (on & mem) == 0)      /* released, by whoever */
  :: eing[g] && hold[g] == 0 && iing[g] && mem != 0 ->
     if :: (on & mem) || want -> assert(est[g] == ON) :: else fi;             /* what is bound is attached */
     if :: det[g] -> assert((want & ~on) == 0) :: else fi;                    /* what can be bound is bound */
     if :: det[g] && prn[g] -> assert((on & ~mem) == 0) :: else fi;           /* what may be pruned is gone */
     assert((gset[g] & (on & mem)) == (on & mem));                            /* the guest has every bound member */
     assert((gset[g] & ~on) == 0 || est[g] != ON)                                             /* and nothing that is not bound */
  :: else
  fi }

/* `timeout` is true when nothing else can move: operator done, runs ended, cloud at rest */
active proctype Finisher() {
  byte n; byte mem; byte on; byte want; byte kn; bit due;
  up;
#ifdef NOSWEEP
  timeout -> assert(IDLE); fin = 1;
#else
  timeout -> assert(IDLE); fin = 1;
  do
  :: n < 3 -> n++;
     atomic { truth(0); NEEDS(0); if :: due -> wake[0] = 1 :: else fi;
#if NG > 1
              truth(1); NEEDS(1); if :: due -> wake[1] = 1 :: else fi;
#endif
              due = 0; mem = 0; on = 0; want = 0; kn = 0 }
     timeout -> assert(IDLE)
  :: else -> break
  od;
#endif
#ifdef CHK_FINAL
  atomic { judge(0);
#if NG > 1
           judge(1);
#endif
           frozen = 1; wake[0] = 1;                         /* one more bind writes nothing */
#if NG > 1
           wake[1] = 1;
#endif
         }
  timeout -> assert(IDLE);
  atomic { judge(0);
#if NG > 1
           judge(1)
#endif
         }
#endif
end: skip }

init { d_step {
  for (kk : 0 .. NG-1) { eing[kk] = 1; iing[kk] = 1; det[kk] = 1; prn[kk] = P_PRN; est[kk] = ON }
#if NG > 1
#ifdef P_PRNB
  prn[1] = P_PRNB;
#endif
  tag[0] = 1; bnd[0] = 1; tag[1] = 2; bnd[1] = 2; gset[0] = 1; gset[1] = 2;
#if NE > 2
#ifdef THIRD_NEW
  bnd[2] = 0;                                            /* to be tagged into a */
#else
  tag[2] = 1; bnd[2] = 1; gset[0] = 5;
#endif
#endif
#else
  /* a group that serves all but the last EIP */
  for (kk : 0 .. NE-2) { tag[kk] = 1; bnd[kk] = 1; gset[0] = gset[0] | BIT(kk) }
#ifdef FRESH_GROUP
  for (kk : 0 .. NE-2) { bnd[kk] = 0 } gset[0] = 0; est[0] = OFF; wake[0] = 1;
#endif
#ifdef OUTSIDE
  bnd[NE-1] = 1; gset[0] = gset[0] | BIT(NE-1);             /* bound, not tagged */
#endif
#endif
#ifdef WAKE0
  wake[0] = 1;
#endif
#ifdef FALLS
  prefail = FALLS;
#endif
  kk = 0; up = 1 } }
