// The watchdog: a thread that looks every 2 ms at how long the running call of each rule thread has used
// the CPU, and interrupts it with a signal when that is too long.
//
// The signal's handler arms a Lua hook that raises at the next instruction, and stays armed until the call
// is back in the core, so that no pcall of the rule can swallow it. A count hook would be simpler, but costs
// 1.5 to 2.9 times the run time whatever its count. Hooks do not run inside C functions: ours check
// `vm->killed` as they charge their steps.
#include "vm.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WATCH_PERIOD_MS = 2, WATCH_THREADS = 256, WATCH_LAST_RESORT_MS = 1000 };

typedef struct {
  atomic_bool used;
  pthread_t thread;
  clockid_t clock;
  _Atomic(crv_vm *) vm;             // NULL while no rule code runs
  atomic_uint_fast64_t step;        // grows with every call
  atomic_uint_fast64_t kill_step;   // the call to interrupt
  atomic_uint budget_ms;
  // Only the watchdog's own:
  uint64_t seen_step;
  int64_t seen_cpu_ns, stuck_ns;
} runner;

static runner runners[WATCH_THREADS];
static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static bool watch_running;
static _Thread_local runner *mine;
static pthread_key_t exit_key;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;
static bool leaves_at_exit;

static int watch_signal(void) { return SIGRTMIN + 6; }

static int64_t now_ns(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) return 0;
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Raises, or disarms itself when the call may go on. A signal that comes while it does arms it again.
static void hook(lua_State *L, lua_Debug *event) {
  (void)event;
  if (!crv_self(L)->killed) lua_sethook(L, NULL, 0, 0);
  if (crv_self(L)->killed) crv_arm(L);
  crv_attend(L);
}

// lua_sethook is made to be called from anywhere, a signal handler included. It visits every frame of the
// stack: done again and again over a deep recursion it would leave no time for the recursion to end.
void crv_arm(lua_State *L) {
  if (lua_gethook(L)) return;
  lua_sethook(L, hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

// Runs on the rule's own thread.
static void on_signal(int number) {
  (void)number;
  int saved = errno;
  runner *self = mine;
  if (self) {
    crv_vm *vm = atomic_load(&self->vm);
    if (vm && atomic_load(&self->kill_step) == atomic_load(&self->step)) {
      vm->killed = 1;
      vm->attention = 1;
      crv_arm(vm->L);
    }
  }
  errno = saved;
}

static void look(runner *r) {
  crv_vm *vm = atomic_load(&r->vm);
  uint64_t step = atomic_load(&r->step);
  int64_t cpu = now_ns(r->clock);
  int64_t used = cpu - r->seen_cpu_ns;
  r->seen_cpu_ns = cpu;
  if (!vm || step != r->seen_step) {
    r->seen_step = step;
    r->stuck_ns = 0;
    return;
  }
  // Capped: on a virtual machine stolen time can show as a jump of the thread's CPU clock.
  int64_t period = WATCH_PERIOD_MS * 1000000LL;
  r->stuck_ns += used < period ? used : period;
  int64_t budget = (int64_t)atomic_load(&r->budget_ms) * 1000000;
  if (r->stuck_ns < budget) return;
  if (r->stuck_ns > budget + WATCH_LAST_RESORT_MS * 1000000LL) {
    char text[256];
    int count = snprintf(text, sizeof text,
                         "betterbot: rule %.64s does not return and cannot be stopped; exiting\n", vm->name);
    if (count > 0 && write(2, text, (size_t)count) < 0) { /* nothing is left to tell it to */ }
    _exit(70);
  }
  atomic_store(&r->kill_step, step);
  pthread_kill(r->thread, watch_signal());
}

static void *watch(void *unused) {
  (void)unused;
  const struct timespec period = {.tv_nsec = WATCH_PERIOD_MS * 1000000L};
  for (;;) {
    nanosleep(&period, NULL);
    pthread_mutex_lock(&watch_lock);
    bool any = false;
    for (int i = 0; i < WATCH_THREADS; i++) {
      if (!atomic_load(&runners[i].used)) continue;
      any = true;
      look(&runners[i]);
    }
    if (!any) watch_running = false;
    pthread_mutex_unlock(&watch_lock);
    if (!any) return NULL;
  }
}

static int start_locked(void) {
  if (watch_running) return 0;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  if (sigaction(watch_signal(), &action, NULL) != 0) return errno;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int status = pthread_create(&thread, &attributes, watch, NULL);
  pthread_attr_destroy(&attributes);
  watch_running = status == 0;
  return status;
}

// A thread that ends without a word gives its place back.
static void leave(void *unused) {
  (void)unused;
  crv_unwatch_thread();
}

static void make_key(void) { leaves_at_exit = pthread_key_create(&exit_key, leave) == 0; }

// Threads of a pool may block every signal.
static int prepare_thread(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, watch_signal());
  int status = pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
  if (status != 0) return status;
  pthread_once(&exit_once, make_key);
  return leaves_at_exit ? pthread_setspecific(exit_key, &exit_key) : EAGAIN;
}

int crv_watch_thread(void) {
  if (mine) return 0;
  int prepared = prepare_thread();
  if (prepared != 0) return prepared;
  pthread_mutex_lock(&watch_lock);
  int status = start_locked();
  for (int i = 0; status == 0 && i < WATCH_THREADS && !mine; i++) {
    runner *r = &runners[i];
    if (atomic_load(&r->used)) continue;
    r->thread = pthread_self();
    status = pthread_getcpuclockid(r->thread, &r->clock);
    if (status != 0) break;
    r->seen_cpu_ns = now_ns(r->clock);
    r->stuck_ns = 0;
    atomic_store(&r->vm, NULL);
    atomic_store(&r->used, true);
    mine = r;
  }
  pthread_mutex_unlock(&watch_lock);
  return status == 0 && !mine ? EAGAIN : status;
}

void crv_unwatch_thread(void) {
  if (!mine) return;
  pthread_mutex_lock(&watch_lock);
  atomic_store(&mine->used, false);
  mine = NULL;
  pthread_mutex_unlock(&watch_lock);
}

// Nothing may run unwatched: a thread that did not say that it runs rules is watched from here on.
void crv_watch_begin(crv_vm *vm, uint32_t budget_ms) {
  crv_forgive(vm);
  if (!mine && crv_watch_thread() != 0) {
    // Nobody could end it: it is ended at its first instruction.
    vm->killed = 1;
    vm->attention = 1;
    crv_arm(vm->L);
    return;
  }
  atomic_store_explicit(&mine->budget_ms, budget_ms, memory_order_relaxed);
  crv_watch_step();
  atomic_store(&mine->vm, vm);
}

void crv_watch_step(void) {
  if (!mine) return;
  uint64_t next = atomic_load_explicit(&mine->step, memory_order_relaxed) + 1;
  atomic_store_explicit(&mine->step, next, memory_order_release);
}

void crv_forgive(crv_vm *vm) {
  vm->killed = 0;
  vm->attention = vm->memory_over;
  lua_sethook(vm->L, NULL, 0, 0);
  if (vm->memory_over) crv_arm(vm->L);
}

// Once `vm` is NULL no late signal does anything: the handler looks at it first.
void crv_watch_end(crv_vm *vm) {
  if (mine) atomic_store(&mine->vm, NULL);
  vm->memory_over = false;
  crv_forgive(vm);
}
