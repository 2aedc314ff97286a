// libfcgi's application interface. Only the `FCGX_*_r` calls and the stream calls are used (see FastCGI/FastCGICodec.swift).
//
// No header of the system is read here: a module that reads one becomes the owner of its declarations, and whoever imports
// that module may no longer find Glibc's constants. Hence the names of their own for two functions of the C library.
#include <fcgiapp.h>

// Swift's Glibc module is read without _GNU_SOURCE, so it lacks accept4.
extern int customers_accept4(int listener, void *address, unsigned int *length, int flags) __asm__("accept4");

// ioctl is variadic, which Swift cannot call.
extern int customers_ioctl(int descriptor, unsigned long request, ...) __asm__("ioctl");
static inline int customers_ioctl_number(int descriptor, unsigned long request, int *number) {
    return customers_ioctl(descriptor, request, number);
}
