// glibc 2.36 (Debian 12) declares these functions without extern "C"; its later headers have it, and twice does no
// harm.
#pragma once

extern "C" {
#include <sys/pidfd.h>
}
