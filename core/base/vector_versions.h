#pragma once

/// For functions that are nothing but loops over arrays: BARLOW_VECTOR_VERSIONS makes one version
/// for each kind of vector that processors have, and picks one when the program starts (GCC on
/// Linux for x86-64; elsewhere the build's own target counts). Bodies that several of them share
/// are BARLOW_BODY, so that they are compiled anew in each. Files with them are compiled with -O3,
/// and with -ffp-contract=off where the last bit counts.
///
/// The versions are levels of x86-64, not processors: a version for "arch=haswell" runs on that
/// very family only (GCC asks __builtin_cpu_is, so that an EPYC took the plain one), and GCC 12
/// inlines nothing from the standard library into it.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define BARLOW_VECTOR_VERSIONS \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#define BARLOW_BODY inline __attribute__((always_inline))
#else
#define BARLOW_VECTOR_VERSIONS
#define BARLOW_BODY inline
#endif
