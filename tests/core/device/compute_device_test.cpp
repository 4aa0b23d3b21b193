#include "core/device/compute_device.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

SeenDevices seen(int count, const std::string& problem = "") {
  return {.isCudaBuild = true,
          .count = count,
          .whyNone = count == 0 ? "the driver is too old" : "",
          .problemOf = [=](const torch::Device&) { return problem; }};
}

std::string refusalOf(const std::string& name, const SeenDevices& devices) {
  try {
    resolveDevice(name, devices);
  } catch (const Exception& error) {
    return error.info().message;
  }
  return "";
}

TEST(ResolveDevice, TakesTheGpuWhereItWorks) {
  EXPECT_EQ(resolveDevice("auto", seen(2)).device, torch::Device("cuda:0"));
  EXPECT_EQ(resolveDevice("auto", seen(2)).warning, "");
  EXPECT_EQ(resolveDevice("cuda", seen(2)).device, torch::Device("cuda:0"));
  EXPECT_EQ(resolveDevice("cuda:1", seen(2)).device, torch::Device("cuda:1"));
  EXPECT_TRUE(resolveDevice("cpu", seen(2)).device.is_cpu());
}

// Issue 15: a missing driver cost days on the CPU without a word.
TEST(ResolveDevice, SaysWhyAutoIsTheCpu) {
  const ResolvedDevice blind = resolveDevice("auto", seen(0));
  EXPECT_TRUE(blind.device.is_cpu());
  EXPECT_NE(blind.warning.find("the driver is too old"), std::string::npos) << blind.warning;
  const ResolvedDevice broken = resolveDevice("auto", seen(1, "no kernel image is available"));
  EXPECT_TRUE(broken.device.is_cpu());
  EXPECT_NE(broken.warning.find("no kernel image"), std::string::npos) << broken.warning;
  SeenDevices cpuBuild = seen(0);
  cpuBuild.isCudaBuild = false;
  EXPECT_EQ(resolveDevice("auto", cpuBuild).warning, "") << "nobody expects a GPU of it";
  EXPECT_EQ(resolveDevice("cpu", seen(0)).warning, "");
}

TEST(ResolveDevice, RefusesWhatIsNotThereOrDoesNotWork) {
  EXPECT_NE(refusalOf("cuda", seen(0)).find("the driver is too old"), std::string::npos);
  EXPECT_NE(refusalOf("cuda:2", seen(2)).find("0 to 1"), std::string::npos);
  EXPECT_NE(refusalOf("cuda:0", seen(1, "no kernel image")).find("no kernel image"),
            std::string::npos);
  EXPECT_NE(refusalOf("mps", seen(1)).find("no such device"), std::string::npos);
}

TEST(ResolveDevice, WorksOnThisMachine) {
  const ResolvedDevice resolved = resolveDevice("auto");
  EXPECT_TRUE(resolved.device.is_cpu() || resolved.device.is_cuda());
  EXPECT_EQ(resolveDevice("auto").device, resolved.device);
  EXPECT_EQ(resolveDevice("auto").warning, resolved.warning) << "it is said again to the next run";
}

// Issue 15: after a deterministic run on a GPU the CPU's kept its flags, and fp32 was TF32.
TEST(SetArithmetic, SettlesEverythingForEachRun) {
  const at::Context& context = at::globalContext();
  const torch::Device gpu("cuda:0");
  at::globalContext().setAllowTF32CuBLAS(true);  // as TORCH_ALLOW_TF32_CUBLAS_OVERRIDE does
  at::globalContext().setAllowTF32CuDNN(true);
  setArithmetic(gpu, true);
  EXPECT_TRUE(context.deterministicAlgorithms());
  EXPECT_TRUE(context.deterministicCuDNN());
  EXPECT_FALSE(context.benchmarkCuDNN());
  EXPECT_FALSE(context.allowTF32CuBLAS());
  EXPECT_FALSE(context.allowTF32CuDNN());
  EXPECT_EQ(context.float32MatmulPrecision(), at::Float32MatmulPrecision::HIGHEST);
  setArithmetic(gpu, false);
  EXPECT_FALSE(context.deterministicAlgorithms());
  EXPECT_TRUE(context.benchmarkCuDNN());
  setArithmetic(gpu, true);
  setArithmetic(torch::kCPU, true);
  EXPECT_FALSE(context.deterministicAlgorithms());
  EXPECT_FALSE(context.deterministicCuDNN());
  EXPECT_FALSE(context.benchmarkCuDNN());
}

TEST(Tf32Scope, LastsNoLongerThanTheNetworksPart) {
  setArithmetic(torch::kCPU, false);
  const at::Context& context = at::globalContext();
  for (const bool isActive : {true, false}) {
    const Tf32Scope scope(torch::Device("cuda:0"), isActive);
    EXPECT_EQ(context.allowTF32CuBLAS(), isActive);
    EXPECT_EQ(context.allowTF32CuDNN(), isActive);
  }
  EXPECT_FALSE(context.allowTF32CuBLAS());
  EXPECT_FALSE(context.allowTF32CuDNN());
  EXPECT_FALSE(context.allowTF32CuDNN(at::Float32Op::CONV));
  const Tf32Scope scope(torch::kCPU, true);
  EXPECT_FALSE(context.allowTF32CuBLAS());
}

TEST(DeviceMemory, IsTheMachinesOnTheCpu) {
  EXPECT_GT(availableDeviceBytes(torch::kCPU), 1u << 20);
  releaseDeviceMemory(torch::kCPU);
}

}  // namespace
}  // namespace barlow
