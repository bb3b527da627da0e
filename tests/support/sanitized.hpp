// ALGEAN_SANITIZED: 1 where the address or thread sanitizer owns memory, by g++'s or clang's word for it; else 0.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ALGEAN_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ALGEAN_SANITIZED 1
#endif
#endif
#ifndef ALGEAN_SANITIZED
#define ALGEAN_SANITIZED 0
#endif
