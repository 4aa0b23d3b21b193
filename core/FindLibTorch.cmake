# Finds LibTorch 2.11 to 2.13 in LIBTORCH_DIR (a folder with include/ and lib/: an unpacked LibTorch or the
# `torch` folder of the Python wheel) and defines the target barlow_torch.
# PyTorch's own TorchConfig.cmake is not used: with a CUDA wheel it demands a full toolkit with nvcc although
# nothing here compiles CUDA.
set(LIBTORCH_DIR "$ENV{LIBTORCH_DIR}" CACHE PATH "LibTorch 2.11 to 2.13 (folder with include/ and lib/)")
if(NOT LIBTORCH_DIR)
  file(GLOB BARLOW_WHEEL ${PROJECT_SOURCE_DIR}/.deps/venv/lib/python3*/site-packages/torch)
  if(BARLOW_WHEEL)
    list(GET BARLOW_WHEEL 0 BARLOW_WHEEL)
  endif()
  set(LIBTORCH_DIR "${BARLOW_WHEEL}" CACHE PATH "" FORCE)
endif()
if(NOT EXISTS "${LIBTORCH_DIR}/include/torch/csrc/api/include/torch/torch.h")
  message(FATAL_ERROR "No LibTorch at LIBTORCH_DIR='${LIBTORCH_DIR}'. Run ./dev build, which installs it, "
                      "or set LIBTORCH_DIR to a LibTorch 2.11 to 2.13.")
endif()
file(STRINGS "${LIBTORCH_DIR}/include/torch/headeronly/version.h" BARLOW_TORCH_VERSION_LINES
     REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX REPLACE "[^0-9;]" "" BARLOW_TORCH_VERSION "${BARLOW_TORCH_VERSION_LINES}")
list(JOIN BARLOW_TORCH_VERSION "." BARLOW_TORCH_VERSION)
if(BARLOW_TORCH_VERSION VERSION_LESS 2.11 OR BARLOW_TORCH_VERSION VERSION_GREATER_EQUAL 2.14)
  message(FATAL_ERROR "LibTorch ${BARLOW_TORCH_VERSION} in ${LIBTORCH_DIR}; 2.11 to 2.13 are supported.")
endif()
message(STATUS "LibTorch ${BARLOW_TORCH_VERSION}: ${LIBTORCH_DIR}")

find_library(BARLOW_LIB_TORCH torch PATHS "${LIBTORCH_DIR}/lib" NO_DEFAULT_PATH REQUIRED)
find_library(BARLOW_LIB_TORCH_CPU torch_cpu PATHS "${LIBTORCH_DIR}/lib" NO_DEFAULT_PATH REQUIRED)
find_library(BARLOW_LIB_C10 c10 PATHS "${LIBTORCH_DIR}/lib" NO_DEFAULT_PATH REQUIRED)
find_library(BARLOW_LIB_TORCH_CUDA torch_cuda PATHS "${LIBTORCH_DIR}/lib" NO_DEFAULT_PATH)
find_library(BARLOW_LIB_C10_CUDA c10_cuda PATHS "${LIBTORCH_DIR}/lib" NO_DEFAULT_PATH)
set(BARLOW_TORCH_LIBS ${BARLOW_LIB_TORCH} ${BARLOW_LIB_TORCH_CPU} ${BARLOW_LIB_C10})
if(BARLOW_LIB_TORCH_CUDA)
  list(APPEND BARLOW_TORCH_LIBS ${BARLOW_LIB_TORCH_CUDA} ${BARLOW_LIB_C10_CUDA})
endif()

# LibTorch 2.13 brings headers of an {fmt} of its own and hides the functions: the system's, which has both, goes first.
get_target_property(BARLOW_FMT_INCLUDE fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
list(GET BARLOW_FMT_INCLUDE 0 BARLOW_FMT_INCLUDE)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/fmt_first)
file(CREATE_LINK ${BARLOW_FMT_INCLUDE}/fmt ${PROJECT_BINARY_DIR}/fmt_first/fmt SYMBOLIC)

add_library(barlow_torch INTERFACE)
target_include_directories(barlow_torch SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/fmt_first
  "${LIBTORCH_DIR}/include" "${LIBTORCH_DIR}/include/torch/csrc/api/include")
# --no-as-needed: nothing refers to libtorch_cuda by symbol, the linker would drop it and the GPU with it.
# A CUDA wheel keeps cuDNN and its like in the packages beside it; the linker wants to see them, nobody links to them.
file(GLOB BARLOW_NVIDIA_DIRS "${LIBTORCH_DIR}/../nvidia/*/lib")
list(TRANSFORM BARLOW_NVIDIA_DIRS PREPEND "-Wl,-rpath-link,")
# libstdc++ first: the libtorch.so of CUDA wheels exports std::filesystem functions of its own, unusable ones, which would
# take the place of those in libstdc++.
target_link_libraries(barlow_torch INTERFACE -Wl,--no-as-needed stdc++ ${BARLOW_TORCH_LIBS} -Wl,--as-needed
  "-Wl,-rpath-link,${LIBTORCH_DIR}/lib" ${BARLOW_NVIDIA_DIRS})
# Where these are missing, or belong to another version of CUDA than LibTorch, steps are launched one by one.
include(${CMAKE_CURRENT_LIST_DIR}/FindCudaHeaders.cmake)
set(BARLOW_CUDA_INCLUDE "")
set(BARLOW_CUDA_RUNTIME "")
if(BARLOW_LIB_TORCH_CUDA)
  barlow_find_cuda(BARLOW_CUDA_INCLUDE BARLOW_CUDA_RUNTIME "${LIBTORCH_DIR}")
  message(STATUS "CUDA headers: ${BARLOW_CUDA_INCLUDE}, runtime: ${BARLOW_CUDA_RUNTIME}")
endif()
set(CMAKE_BUILD_RPATH "${LIBTORCH_DIR}/lib")
