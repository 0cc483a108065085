/*
 * A PKCS#11 module in front of the real one, REAL: every call goes on to it, but those that a test
 * has told the shim to answer itself, to hold for a while, or to refuse for want of sessions.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

typedef unsigned long word; /* every parameter of PKCS#11 fits one on an LP64 system */
typedef word (*call)(word, word, word, word, word, word, word, word);

enum {
    FUNCTIONS = 68,
    FINALIZE = 1,
    OPEN_SESSION = 12,
    CLOSE_SESSION = 13,
    CLOSE_ALL_SESSIONS = 14,
    GENERAL_ERROR = 5,
    SESSION_COUNT = 0xb1
};

struct list {
    unsigned char version[2];
    call function[FUNCTIONS];
};

static struct list *real;
static struct list ours;
static word answers[FUNCTIONS];
static long times[FUNCTIONS];
static int held[FUNCTIONS];
static long inside, sessions, most_sessions = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* 0 to let the call go on, or what to answer it with. */
static word before(int at) {
    word answer = 0;
    pthread_mutex_lock(&lock);
    inside++;
    while (held[at]) {
        pthread_cond_wait(&changed, &lock);
    }
    inside--;
    if (times[at] > 0) {
        times[at]--;
        answer = answers[at];
    } else if (at == OPEN_SESSION && most_sessions >= 0 && sessions >= most_sessions) {
        answer = SESSION_COUNT;
    }
    pthread_mutex_unlock(&lock);
    return answer;
}

static void after(int at) {
    pthread_mutex_lock(&lock);
    if (at == OPEN_SESSION) {
        sessions++;
    } else if (at == CLOSE_SESSION) {
        sessions--;
    } else if (at == CLOSE_ALL_SESSIONS || at == FINALIZE) {
        sessions = 0;
    }
    pthread_mutex_unlock(&lock);
}

static word go(int at, word a, word b, word c, word d, word e, word f, word g, word h) {
    word result = before(at);
    if (result == 0) {
        result = real->function[at](a, b, c, d, e, f, g, h);
        if (result == 0) {
            after(at);
        }
    }
    return result;
}

#define ONE(n)                                                                       \
    static word f##n(word a, word b, word c, word d, word e, word f, word g, word h) { \
        return go(n, a, b, c, d, e, f, g, h);                                        \
    }
#define TEN(m, n) m(n##0) m(n##1) m(n##2) m(n##3) m(n##4) m(n##5) m(n##6) m(n##7) m(n##8) m(n##9)
#define ALL(m)                                                                       \
    m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) TEN(m, 1) TEN(m, 2) TEN(m, 3)  \
    TEN(m, 4) TEN(m, 5) m(60) m(61) m(62) m(63) m(64) m(65) m(66) m(67)
ALL(ONE)
#define NAME(n) f##n,

word C_GetFunctionList(struct list **out) {
    static const call functions[FUNCTIONS] = {ALL(NAME)};
    pthread_mutex_lock(&lock);
    if (real == NULL) {
        void *module = dlopen(REAL, RTLD_NOW);
        word (*get)(struct list **) =
            module == NULL ? NULL : (word(*)(struct list **))dlsym(module, "C_GetFunctionList");
        if (get == NULL || get(&real) != 0) {
            pthread_mutex_unlock(&lock);
            return GENERAL_ERROR;
        }
        ours = *real;
        for (int i = 0; i < FUNCTIONS; i++) {
            ours.function[i] = functions[i];
        }
    }
    pthread_mutex_unlock(&lock);
    *out = &ours;
    return 0;
}

/* What a test says. */

void shim_answer(word at, word with, word so_often) {
    pthread_mutex_lock(&lock);
    answers[at] = with;
    times[at] = (long)so_often;
    pthread_mutex_unlock(&lock);
}

void shim_hold(word at) {
    pthread_mutex_lock(&lock);
    held[at] = 1;
    pthread_mutex_unlock(&lock);
}

word shim_inside(void) {
    pthread_mutex_lock(&lock);
    word now = (word)inside;
    pthread_mutex_unlock(&lock);
    return now;
}

/* As many sessions as there are, and no more. */
void shim_no_more_sessions(void) {
    pthread_mutex_lock(&lock);
    most_sessions = sessions;
    pthread_mutex_unlock(&lock);
}

/* All calls that are held go on, and the shim does nothing more by itself. */
void shim_let_go(void) {
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FUNCTIONS; i++) {
        held[i] = 0;
        times[i] = 0;
    }
    most_sessions = -1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}
