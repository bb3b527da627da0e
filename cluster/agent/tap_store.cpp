#include "cluster/agent/tap_store.hpp"

#include <algorithm>
#include <utility>

namespace algean::cluster {

void TapStore::add(std::uint16_t slot, std::uint32_t inference, std::uint16_t kernel, std::vector<TapTensor> tensors) {
  const std::scoped_lock lock(mutex_);
  Inference& entry = open(slot, inference);
  std::erase_if(entry.kernels, [&](std::uint16_t other) { return other == kernel; });
  std::erase_if(entry.tensors, [&](const TapTensor& tensor) { return tensor.kernel == kernel; });
  entry.kernels.push_back(kernel);
  for (TapTensor& tensor : tensors) entry.tensors.push_back(std::move(tensor));
  bytes_ -= std::exchange(entry.bytes, 0);
  for (const TapTensor& tensor : entry.tensors) entry.bytes += tensor.tensor.bytes().size();
  bytes_ += entry.bytes;
  while (inferences_.size() > 1 && (inferences_.size() > most_inferences || bytes_ > most_bytes)) {
    bytes_ -= inferences_.front().bytes;
    inferences_.pop_front();
  }
}

// The newest from now on.
TapStore::Inference& TapStore::open(std::uint16_t slot, std::uint32_t inference) {
  const auto found = std::ranges::find_if(
      inferences_, [&](const Inference& entry) { return entry.slot == slot && entry.id == inference; });
  if (found == inferences_.end()) {
    inferences_.push_back({slot, inference, {}, {}, 0});
  } else {
    std::rotate(found, std::next(found), inferences_.end());
  }
  return inferences_.back();
}

const TapStore::Inference* TapStore::find(std::uint16_t slot, std::uint32_t inference) const {
  const auto found = std::ranges::find_if(
      inferences_, [&](const Inference& entry) { return entry.slot == slot && entry.id == inference; });
  return found == inferences_.end() ? nullptr : &*found;
}

std::size_t TapStore::kernels(std::uint16_t slot, std::uint32_t inference) const {
  const std::scoped_lock lock(mutex_);
  const Inference* entry = find(slot, inference);
  return entry == nullptr ? 0 : entry->kernels.size();
}

std::vector<TapTensor> TapStore::tensors(std::uint16_t slot, std::uint32_t inference) const {
  const std::scoped_lock lock(mutex_);
  const Inference* entry = find(slot, inference);
  return entry == nullptr ? std::vector<TapTensor>() : entry->tensors;
}

void TapStore::want(std::optional<std::uint16_t> slot) {
  const std::scoped_lock lock(mutex_);
  if (slot) {
    wanted_.insert(*slot);
  } else {
    wants_all_ = true;
  }
}

bool TapStore::drop(std::optional<std::uint16_t> slot) {
  const std::scoped_lock lock(mutex_);
  if (slot) {
    wanted_.erase(*slot);
  } else {
    wants_all_ = false;
    wanted_.clear();
  }
  if (wants_all_ || !wanted_.empty()) return false;
  inferences_.clear();
  bytes_ = 0;
  return true;
}

bool TapStore::wants(std::uint16_t slot) const {
  const std::scoped_lock lock(mutex_);
  return wants_all_ || wanted_.contains(slot);
}

}  // namespace algean::cluster
