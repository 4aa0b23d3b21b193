#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace barlow {

/// What this machine has and the few calls that differ between systems. All functions may be called
/// from any thread.

/// Memory that a new allocation can have without swapping, in bytes; the container's limit counts.
/// 0: unknown.
std::uint64_t availableMemoryBytes();
/// Resident size of this process now, in bytes. 0: unknown.
std::uint64_t residentBytes();
/// Largest resident size of this process so far, or since resetPeakResidentBytes(), in bytes.
std::uint64_t peakResidentBytes();
/// Forgets the peak where the system can (Linux); elsewhere it stays that of the whole process.
void resetPeakResidentBytes();
/// For programs that allocate and free the same large blocks again and again, as training does:
/// freed memory stays with the process, and large blocks are asked for in large pages (both: Linux
/// with glibc). Saves a tenth of a training step in page faults. Call it first in main.
void keepFreedMemory();
/// Gives back what keepFreedMemory() kept.
void releaseFreedMemory();
/// Free bytes for this user on the file system of the nearest existing parent of `path`. 0:
/// unknown.
std::uint64_t freeDiskBytes(const std::filesystem::path& path);
/// What a file takes of the disk, in bytes; holes in it take nothing. 0 where there is none.
std::uint64_t storedBytes(const std::filesystem::path& file);
/// Cores this process may use (affinity and container quota), at least 1.
int usableCores();
/// How many threads OMP_NUM_THREADS asks for; nothing where it is unset or no number.
std::optional<int> threadsAskedFor();
/// "AMD EPYC 9654 96-Core Processor", or the architecture where no name is known.
std::string processorName();
/// Gives the calling thread the lowest useful share of the processor: for loader and preview
/// threads, which must not slow the training thread's OpenMP barriers. Failure is ignored: it costs
/// speed only.
void lowerThreadPriority();
/// Names the calling thread for logs and debuggers (15 characters are kept).
void nameThread(const char* name);
/// Processor time of the calling thread so far, in seconds.
double threadSeconds();
/// A C function of the libraries that this process has loaded; null where none has it.
void* findSymbol(const char* name);
/// The number of this process.
std::int64_t processId();
/// ISO 8601 in UTC with milliseconds: 2026-01-31T12:00:00.000Z
std::string utcNow();
/// The user's data folder of this program (XDG_DATA_HOME or ~/.local/share)/barlow-studio.
std::filesystem::path userDataFolder();
/// (XDG_CACHE_HOME or ~/.cache)/barlow-studio.
std::filesystem::path userCacheFolder();

/// Sets an environment variable of this process unless it is set already. Call before other threads
/// read it.
void setEnvironmentDefault(const char* name, const char* value);

}  // namespace barlow
