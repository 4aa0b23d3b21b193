#include "core/device/device_colors.h"

#include "core/augment/box_blur.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

// [N] numbers as [N, 1, 1, 1] on the device.
Tensor perView(const std::vector<float>& values, const torch::Device& device) {
  return torch::tensor(values).to(device).view({-1, 1, 1, 1});
}

Tensor rowsOf(const std::vector<std::int64_t>& rows, const torch::Device& device) {
  return torch::tensor(rows, torch::kInt64).to(device);
}

std::vector<std::int64_t> rowsWhere(std::span<const ViewPlan> plans,
                                    const std::function<bool(const ViewPlan&)>& isWanted) {
  std::vector<std::int64_t> rows;
  for (std::size_t n = 0; n < plans.size(); ++n) {
    if (isWanted(plans[n])) {
      rows.push_back(static_cast<std::int64_t>(n));
    }
  }
  return rows;
}

// Convert.c, "L": 16-bit fixed point. Every product and sum is a whole number below 2^24, exact in
// float.
Tensor grayLevels(const Tensor& views) {
  const Tensor sum = views.select(1, 0) * 19595.0f + views.select(1, 1) * 38470.0f +
                     views.select(1, 2) * 7471.0f + 32768.0f;
  return (sum / 65536.0f).floor().unsqueeze(1);
}

// Brightness, contrast and saturation at once: each row is blended with black, its mean grey or its
// grey version (Blend.c: truncated); factor 1 with black changes nothing.
Tensor blended(const Tensor& views,
               const std::vector<float>& factor,
               const std::vector<float>& meanShare,
               const std::vector<float>& grayShare) {
  const torch::Device device = views.device();
  const Tensor gray = grayLevels(views);
  const Tensor mean = (gray.to(torch::kFloat64).mean({1, 2, 3}, true) + 0.5).floor();
  const Tensor base =
      perView(meanShare, device) * mean.to(torch::kFloat32) + perView(grayShare, device) * gray;
  return (base + perView(factor, device) * (views - base)).clamp(0, 255).floor();
}

Tensor chosen(const Tensor& isFirst, const Tensor& first, const Tensor& second) {
  return torch::where(isFirst, first, second);
}

// core/augment/hue.cpp, with its mixture of float and double. `shift` in 256ths of the circle.
Tensor hueTurned(const Tensor& views, const std::vector<float>& shift) {
  const Tensor r = views.select(1, 0);
  const Tensor g = views.select(1, 1);
  const Tensor b = views.select(1, 2);
  const Tensor most = torch::maximum(torch::maximum(r, g), b);
  const Tensor least = torch::minimum(torch::minimum(r, g), b);
  const Tensor isRed = r == most;
  const Tensor isGreen = (g == most).logical_and(isRed.logical_not());
  const Tensor range = most - least;
  const Tensor divisor = range.clamp_min(1.0);
  const Tensor forward = (most - chosen(isRed, b, chosen(isGreen, r, g))) / divisor;
  const Tensor backward = (most - chosen(isRed, g, chosen(isGreen, b, r))) / divisor;
  const Tensor share = range / most.clamp_min(1.0);
  const Tensor begin = chosen(isGreen, torch::full_like(r, 2.0), torch::full_like(r, 4.0));
  const Tensor whenOther =
      (begin.to(torch::kFloat64) + forward.to(torch::kFloat64) - backward.to(torch::kFloat64))
          .to(torch::kFloat32);
  const Tensor turns = chosen(isRed, forward - backward, whenOther).to(torch::kFloat64) / 6.0 + 1.0;
  const Tensor hue = (turns - (turns >= 1.0).to(torch::kFloat64)).to(torch::kFloat32);
  const Tensor level = (hue.to(torch::kFloat64) * 255.0).trunc() * (share != 0.0);
  const Tensor saturation = (share.to(torch::kFloat64) * 255.0).trunc();
  const Tensor turned =
      (level + perView(shift, views.device()).squeeze(1).to(torch::kFloat64)).remainder(256.0);

  const Tensor position = turned * 6.0 / 255.0;
  const Tensor sector = position.trunc();
  const Tensor rest = (position - sector).to(torch::kFloat32).to(torch::kFloat64);
  const Tensor s = (saturation / 255.0).to(torch::kFloat32).to(torch::kFloat64);
  const Tensor v = most.to(torch::kFloat64);
  const Tensor p = (v * (1.0 - s) + 0.5).floor();
  const Tensor q = (v * (1.0 - s * rest) + 0.5).floor();
  const Tensor t = (v * (1.0 - s * (1.0 - rest)) + 0.5).floor();
  // 0: v t p, 1: q v p, 2: p v t, 3: p q v, 4: t p v, 5: v p q; sector 6 is 0
  const auto is = [&](double k) { return sector == k; };
  const Tensor red = chosen(is(1), q, chosen(is(2).logical_or(is(3)), p, chosen(is(4), t, v)));
  const Tensor green =
      chosen(is(0).logical_or(is(6)), t, chosen(is(3), q, chosen(is(4).logical_or(is(5)), p, v)));
  const Tensor blue =
      chosen(is(0).logical_or(is(1)).logical_or(is(6)), p, chosen(is(2), t, chosen(is(5), q, v)));
  const Tensor turnedViews = torch::stack({red, green, blue}, 1).to(torch::kFloat32);
  return chosen((saturation == 0.0).unsqueeze(1), most.unsqueeze(1), turnedViews);
}

// One pass of the box along dimension `dim` (2 or 3); what lies beyond the edges repeats them.
Tensor boxed(const Tensor& views, const std::vector<Box>& boxes, std::int64_t dim) {
  std::int64_t reach = 0;
  for (const Box& box : boxes) {
    reach = std::max<std::int64_t>(reach, box.radius + 1);
  }
  const std::int64_t size = views.size(dim);
  const Tensor at = torch::arange(
      -reach, size + reach, torch::TensorOptions().dtype(torch::kInt64).device(views.device()));
  const Tensor padded = views.index_select(dim, at.clamp(0, size - 1));
  // Shares of one row of `boxes` at distance d: whole numbers.
  const auto shares = [&](const std::function<bool(const Box&)>& isThere) {
    std::vector<float> share;
    for (const Box& box : boxes) {
      share.push_back(isThere(box) ? 1.0f : 0.0f);
    }
    return perView(share, views.device());
  };
  Tensor sum = torch::zeros_like(views);
  Tensor edges = torch::zeros_like(views);
  for (std::int64_t d = -reach; d <= reach; ++d) {
    const Tensor shifted = padded.narrow(dim, reach + d, size);
    const std::int64_t distance = std::abs(d);
    sum.addcmul_(shifted, shares([&](const Box& box) { return distance <= box.radius; }));
    edges.addcmul_(shifted, shares([&](const Box& box) { return distance == box.radius + 1; }));
  }
  std::vector<std::int64_t> weight;
  std::vector<std::int64_t> edgeWeight;
  for (const Box& box : boxes) {
    weight.push_back(box.weight);
    edgeWeight.push_back(box.edgeWeight);
  }
  const auto column = [&](const std::vector<std::int64_t>& values) {
    return rowsOf(values, views.device()).view({-1, 1, 1, 1});
  };
  const Tensor fixed =
      sum.to(torch::kInt64) * column(weight) + edges.to(torch::kInt64) * column(edgeWeight);
  return (fixed + (1 << 23)).bitwise_right_shift(24).to(torch::kFloat32);
}

}  // namespace

Tensor jittered(Tensor views, std::span<const ViewPlan> plans) {
  const std::size_t count = plans.size();
  for (std::size_t place = 0; place < 4; ++place) {
    std::vector<float> factor(count, 1.0f);
    std::vector<float> meanShare(count, 0.0f);
    std::vector<float> grayShare(count, 0.0f);
    std::vector<float> shift;
    std::vector<std::int64_t> hueRows;
    for (std::size_t n = 0; n < count; ++n) {
      if (!plans[n].jitter) {
        continue;
      }
      const ViewPlan::Jitter& jitter = *plans[n].jitter;
      switch (jitter.order[place]) {
        case ColorOp::Brightness:
          factor[n] = static_cast<float>(jitter.brightness);
          break;
        case ColorOp::Contrast:
          factor[n] = static_cast<float>(jitter.contrast);
          meanShare[n] = 1.0f;
          break;
        case ColorOp::Saturation:
          factor[n] = static_cast<float>(jitter.saturation);
          grayShare[n] = 1.0f;
          break;
        case ColorOp::Hue:
          hueRows.push_back(static_cast<std::int64_t>(n));
          shift.push_back(
              static_cast<float>(static_cast<std::uint8_t>(static_cast<int>(jitter.hue * 255.0))));
          break;
      }
    }
    views = blended(views, factor, meanShare, grayShare);
    if (!hueRows.empty()) {
      const Tensor rows = rowsOf(hueRows, views.device());
      views.index_copy_(0, rows, hueTurned(views.index_select(0, rows), shift));
    }
  }
  return views;
}

Tensor grayed(const Tensor& views, std::span<const ViewPlan> plans) {
  const auto wanted = rowsWhere(plans, [](const ViewPlan& plan) { return plan.gray; });
  if (wanted.empty()) {
    return views;
  }
  const Tensor rows = rowsOf(wanted, views.device());
  const Tensor gray = grayLevels(views.index_select(0, rows));
  return views.index_copy(0, rows, gray.expand({-1, 3, -1, -1}).contiguous());
}

Tensor blurred(const Tensor& views, std::span<const ViewPlan> plans) {
  const auto wanted = rowsWhere(plans, [](const ViewPlan& plan) { return plan.blurSigma > 0.0; });
  if (wanted.empty()) {
    return views;
  }
  std::vector<Box> boxes;
  for (const std::int64_t row : wanted) {
    boxes.emplace_back(
        boxRadius(static_cast<float>(plans[static_cast<std::size_t>(row)].blurSigma)));
  }
  const Tensor rows = rowsOf(wanted, views.device());
  Tensor some = views.index_select(0, rows);
  for (const std::int64_t dim : {3, 2}) {
    for (int pass = 0; pass < kBlurPasses; ++pass) {
      some = boxed(some, boxes, dim);
    }
  }
  return views.index_copy(0, rows, some);
}

Tensor solarized(const Tensor& views, std::span<const ViewPlan> plans) {
  std::vector<float> thresholds;
  bool isAny = false;
  for (const ViewPlan& plan : plans) {
    thresholds.push_back(static_cast<float>(plan.solarizeThreshold.value_or(256)));
    isAny = isAny || plan.solarizeThreshold;
  }
  return isAny ? chosen(views >= perView(thresholds, views.device()), 255.0f - views, views)
               : views;
}

}  // namespace barlow
