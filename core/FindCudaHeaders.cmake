# barlow_find_cuda(HEADERS_VARIABLE RUNTIME_VARIABLE TORCH_DIR [FOLDERS include ...])
#
# Finds CUDA's headers and runtime for a LibTorch in TORCH_DIR, both empty where there is no pair that fits it. Graphs
# of CUDA need the headers, all of them in one place, and the runtime, which inline functions of LibTorch's call. A
# toolkit has them. CUDA wheels have a part of them beside them, often without crt/ (packages nvidia-cuda-crt and
# nvidia-cuda-cccl).
#
# The runtime is of the major version that LibTorch itself was linked with, and so are the headers: two runtimes in one
# process would not know of each other's devices, and structures differ between them.
# FOLDERS: include folders in the order of preference; by default those beside a wheel, then the toolkit's.
function(barlow_find_cuda headers_variable runtime_variable torch)
  cmake_parse_arguments(ARG "" "" "FOLDERS" ${ARGN})
  if(NOT ARG_FOLDERS)
    set(ARG_FOLDERS "${torch}/../nvidia/cu13/include" "${torch}/../nvidia/cuda_runtime/include" /usr/local/cuda/include)
  endif()
  set(${headers_variable} "" PARENT_SCOPE)
  set(${runtime_variable} "" PARENT_SCOPE)
  # "libcudart.so.13" of a wheel, "libcudart-218eec4c.so.12" of an unpacked LibTorch.
  file(STRINGS "${torch}/lib/libc10_cuda.so" needed REGEX "libcudart[-0-9a-f]*\\.so\\.[0-9]+" LIMIT_COUNT 1)
  if(NOT needed MATCHES "libcudart[-0-9a-f]*\\.so\\.([0-9]+)")
    return()
  endif()
  set(major "${CMAKE_MATCH_1}")
  foreach(folder IN LISTS ARG_FOLDERS)
    barlow_cuda_major("${folder}" headers_major)
    if(NOT headers_major STREQUAL major)
      continue()
    endif()
    # LibTorch's own copy first; else the one that belongs to these headers.
    foreach(pattern "${torch}/lib/libcudart*.so*" "${folder}/../lib/libcudart.so*" "${folder}/../lib64/libcudart.so*")
      file(GLOB runtimes "${pattern}")
      foreach(runtime IN LISTS runtimes)
        file(REAL_PATH "${runtime}" real)
        if(real MATCHES "libcudart[-0-9a-f]*\\.so\\.${major}(\\.|$)")
          set(${headers_variable} "${folder}" PARENT_SCOPE)
          set(${runtime_variable} "${runtime}" PARENT_SCOPE)
          return()
        endif()
      endforeach()
    endforeach()
  endforeach()
endfunction()

# Sets `variable` to the major version of the headers in `folder`; empty where a part of them is missing.
function(barlow_cuda_major folder variable)
  set(${variable} "" PARENT_SCOPE)
  foreach(header cuda_runtime_api.h crt/host_config.h nv/target cusparse.h cublas_v2.h cusolverDn.h)
    if(NOT EXISTS "${folder}/${header}")
      return()
    endif()
  endforeach()
  file(STRINGS "${folder}/cuda_runtime_api.h" version REGEX "#define +CUDART_VERSION +[0-9]+" LIMIT_COUNT 1)
  if(version MATCHES "([0-9]+)$")
    math(EXPR major "${CMAKE_MATCH_1} / 1000")
    set(${variable} ${major} PARENT_SCOPE)
  endif()
endfunction()
