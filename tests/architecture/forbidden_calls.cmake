# Fails, naming file and line, when product code calls what the house forbids. Comments do not count.
#   cmake -DROOT=<folder with app/ core/ ui/> -P forbidden_calls.cmake
cmake_minimum_required(VERSION 3.25)

set(FORBIDDEN
  "torch::(save|load|pickle_save|pickle_load)|jit::load|aborts on a full disk, reads damaged files without a word"
  "QSaveFile|reports success after a short write: use core/base/atomic_file.h"
  "BlockingQueuedConnection|a worker never waits for the window"
  "processEvents|no nested event loops"
  "std::rand|srand|randomness is an argument: use core/base/rng.h"
  "at::parallel_(for|reduce)|one thread without OpenMP: use core/device/parallel_for.h"
  "manual_seed|no global random state: use a generator of one's own"
  "sleep_for|sleep_until|usleep|QThread::sleep|sleeping is not synchronisation")

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/app/*.h ${ROOT}/app/*.cpp ${ROOT}/core/*.h ${ROOT}/core/*.cpp
     ${ROOT}/ui/*.h ${ROOT}/ui/*.cpp)
list(LENGTH files count)
if(count EQUAL 0)
  message(FATAL_ERROR "no sources below ${ROOT}")
endif()

set(violations "")
foreach(file IN LISTS files)
  file(READ ${ROOT}/${file} text)
  string(REGEX REPLACE "[][;]" "_" text "${text}")
  string(REPLACE "\\" "_" text "${text}")
  string(REPLACE "\n" ";" text "${text}")
  set(line 0)
  set(inComment FALSE)
  foreach(content IN LISTS text)
    math(EXPR line "${line} + 1")
    if(inComment)
      if(NOT content MATCHES "\\*/(.*)$")
        continue()
      endif()
      set(content "${CMAKE_MATCH_1}")
      set(inComment FALSE)
    endif()
    string(REGEX REPLACE "//.*$" "" content "${content}")
    string(REGEX REPLACE "/\\*[^*]*\\*/" "" content "${content}")
    if(content MATCHES "^(.*)/\\*")
      set(content "${CMAKE_MATCH_1}")
      set(inComment TRUE)
    endif()
    foreach(rule IN LISTS FORBIDDEN)
      string(REGEX MATCH "^(.*)\\|([^|]+)$" ignored "${rule}")
      set(pattern "${CMAKE_MATCH_1}")
      set(reason "${CMAKE_MATCH_2}")
      if(content MATCHES "(^|[^A-Za-z_])(${pattern})([^A-Za-z_]|$)")
        string(APPEND violations "  ${file}:${line}: ${CMAKE_MATCH_2}: ${reason}\n")
      endif()
    endforeach()
  endforeach()
endforeach()

if(NOT violations STREQUAL "")
  message(FATAL_ERROR "Forbidden calls:\n${violations}")
endif()
message(STATUS "${count} files call nothing that is forbidden")
