# Tests core/FindCudaHeaders.cmake on planted folders.
#   cmake -DROOT=<source tree> -DWORK=<folder for planted files> -P find_cuda_test.cmake
cmake_minimum_required(VERSION 3.25)
include(${ROOT}/core/FindCudaHeaders.cmake)

file(REMOVE_RECURSE ${WORK})

function(plant_headers folder version)
  foreach(header crt/host_config.h nv/target cusparse.h cublas_v2.h cusolverDn.h)
    file(WRITE ${folder}/${header} "")
  endforeach()
  file(WRITE ${folder}/cuda_runtime_api.h "/** x */\n#define CUDART_VERSION  ${version}\n")
endfunction()

function(expect what got wanted)
  if(NOT "${got}" STREQUAL "${wanted}")
    message(FATAL_ERROR "${what}: '${got}' instead of '${wanted}'")
  endif()
endfunction()

# A wheel of CUDA 13 with its headers, and a toolkit of CUDA 12 whose path sorts before it.
set(torch ${WORK}/venv/torch)
set(toolkit ${WORK}/a/cuda)
file(WRITE ${torch}/lib/libc10_cuda.so "xx libcudart.so.13 xx")
plant_headers(${WORK}/venv/nvidia/cu13/include 13000)
file(WRITE ${WORK}/venv/nvidia/cu13/lib/libcudart.so.13 "")
plant_headers(${toolkit}/include 12040)
file(WRITE ${toolkit}/lib64/libcudart.so.12.4 "")
file(CREATE_LINK libcudart.so.12.4 ${toolkit}/lib64/libcudart.so SYMBOLIC)
set(folders ${WORK}/venv/nvidia/cu13/include ${toolkit}/include)

barlow_find_cuda(headers runtime ${torch} FOLDERS ${folders})
expect("headers of the wheel" "${headers}" "${WORK}/venv/nvidia/cu13/include")
expect("runtime beside them" "${runtime}" "${WORK}/venv/nvidia/cu13/include/../lib/libcudart.so.13")

# The wheel's headers are incomplete: those of another version are no help.
file(REMOVE ${WORK}/venv/nvidia/cu13/include/crt/host_config.h)
barlow_find_cuda(headers runtime ${torch} FOLDERS ${folders})
expect("headers of another version" "${headers}${runtime}" "")

# An unpacked LibTorch of CUDA 12 brings its own runtime and takes the toolkit's headers.
file(WRITE ${torch}/lib/libc10_cuda.so "xx libcudart-218eec4c.so.12 xx")
barlow_find_cuda(headers runtime ${torch} FOLDERS ${folders})
expect("headers of the toolkit" "${headers}" "${toolkit}/include")
expect("the toolkit's runtime" "${runtime}" "${toolkit}/include/../lib64/libcudart.so")
file(WRITE ${torch}/lib/libcudart-218eec4c.so.12 "")
barlow_find_cuda(headers runtime ${torch} FOLDERS ${folders})
expect("LibTorch's own runtime" "${runtime}" "${torch}/lib/libcudart-218eec4c.so.12")

file(REMOVE_RECURSE ${WORK})
