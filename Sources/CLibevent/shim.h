// event-config.h defines _GNU_SOURCE; the system's headers are read first, so that Glibc's types look the same as to Swift.
#include <sys/types.h>
#include <sys/select.h>
#include <sys/time.h>
#include <event2/event.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <malloc.h>

// Swift's Glibc module has none of these headers, and prctl is variadic.
static inline int customers_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void customers_eventfd_wake(int descriptor) { (void)eventfd_write(descriptor, 1); }
static inline void customers_name_thread(const char *name) { (void)prctl(PR_SET_NAME, name, 0, 0, 0); }
static inline void customers_trim_memory(void) { malloc_trim(0); }
