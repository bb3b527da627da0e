#include "cluster/agent/part.hpp"

#include <algorithm>

#include "runtime/transport/schemes.hpp"

namespace algean::cluster {
namespace {

std::string_view word(control::PartState state) {
  switch (state) {
    case control::PART_LOADING:
      return "being loaded";
    case control::PART_LOADED:
      return "loaded";
    case control::PART_CONNECTED:
      return "connected";
    case control::PART_RUNNING:
      return "running";
    default:
      return "failed";
  }
}

control::TappedTensor message_of(const TapTensor& tap) {
  control::TappedTensor message;
  message.set_kernel(tap.kernel);
  message.set_name(tap.name);
  const TensorType& type = tap.tensor.type();
  message.set_element_type(type.element.name());
  for (const std::int64_t extent : type.shape.extents()) message.add_extents(extent);
  const auto bytes = tap.tensor.bytes();
  message.set_data(bytes.data(), bytes.size());
  return message;
}

}  // namespace

Part::Part(control::PartId id, LoadedBundle loaded, PartOptions options, const Clock& clock)
    : id_(std::move(id)),
      bundle_(std::make_shared<const LoadedBundle>(std::move(loaded))),
      options_(std::move(options)),
      clock_(&clock),
      begun_ns_(clock.now_ns()),
      heard_ns_(begun_ns_) {
  note(fmt::format("loading {} kernels of {}", bundle_->bundle.kernels.size(), bundle_->bundle.network));
  const auto prepare = [loaded_bundle = bundle_, only = options_.loopback_only](const auto& stop) -> Result<Prepared> {
    Prepared prepared;
    ALGEAN_ASSIGN(prepared.listen, listen_address(loaded_bundle->bundle, only));
    ALGEAN_ASSIGN(prepared.engines, compile_bundle(*loaded_bundle, false, stop));
    return prepared;
  };
  compilation_ = std::make_unique<Compilation>(prepare, options_.wake);
}

Part::~Part() {
  give_up();
  if (node_) note("stopping");
}

void Part::note(std::string_view line) {
  log_.add(line);
  options_.log(line);
}

void Part::give_up() {
  if (compilation_) compilation_->give_up();
}

Result<> Part::expect(control::PartState state, std::string_view call) const {
  if (state_ == state) return {};
  return failed("{} is {}: `{}` wants it {}", to_text(id_), word(state_), call, word(state));
}

void Part::advance() {
  if (compilation_ && compilation_->done()) {
    auto prepared = compilation_->take();
    compilation_.reset();
    if (state_ == control::PART_LOADING) {
      loaded_ = finish_loading(std::move(prepared));
      hear();
    } else {
      finish_tapping(std::move(prepared));
    }
  }
  if (state_ == control::PART_RUNNING && node_->ended()) {
    state_ = control::PART_FAILED;
    error_ = node_->error();
    note("failed: " + error_);
  }
}

Result<control::Loaded> Part::finish_loading(Result<Prepared> prepared) {
  if (!prepared) return std::unexpected(std::move(prepared).error());
  ALGEAN_ASSIGN(listener_, listen(prepared->listen, {}, clock_));
  engines_ = std::move(prepared->engines);
  address_ = listener_->address();
  state_ = control::PART_LOADED;
  control::Loaded loaded;
  loaded.set_address(address_);
  loaded.set_compile_ns(clock_->now_ns() - begun_ns_);
  note(fmt::format("loaded, listens at {}", address_));
  return loaded;
}

Result<> Part::connect(const control::Connect& request) {
  ALGEAN_TRY(expect(control::PART_LOADED, "connect"));
  NodeAddresses addresses;
  for (const control::NodeAddress& node : request.nodes()) {
    if (node.node() > 0xffff) return bad_input("there is no node {}", node.node());
    if (!addresses.emplace(static_cast<std::uint16_t>(node.node()), node.address()).second) {
      return bad_input("node {} has two addresses", node.node());
    }
  }
  PartNodeOptions options{options_.software, [this](std::string_view line) { note(line); }, options_.wake};
  ALGEAN_ASSIGN(node_, PartNode::make(bundle_->bundle, id_.epoch(), engines_, addresses, std::move(listener_),
                                      std::move(options), *clock_));
  state_ = control::PART_CONNECTED;
  return {};
}

Result<> Part::start() {
  ALGEAN_TRY(expect(control::PART_CONNECTED, "start"));
  node_->start();
  started_ns_ = clock_->now_ns();
  state_ = control::PART_RUNNING;
  note("started");
  return {};
}

Result<> Part::commit() {
  ALGEAN_TRY(expect(control::PART_RUNNING, "commit"));
  committed_ = true;
  note("committed");
  return {};
}

Result<> Part::tap(bool on, std::optional<std::uint16_t> slot) {
  ALGEAN_TRY(expect(control::PART_RUNNING, "tap"));
  if (!on && !node_->drop_taps(slot)) return {};
  tap_wanted_ = on;
  if (!on) {
    tapping_ = false;
    tap_error_.reset();
    give_up();
    node_->tap(nullptr);
    return {};
  }
  if (std::ranges::all_of(bundle_->bundle.kernels, &std::vector<std::string>::empty, &BundleKernel::taps)) {
    return bad_input("{}: its bundle lists nothing to tap", to_text(id_));
  }
  node_->want_taps(slot);
  if (tapping_ || compilation_) return {};
  tap_error_.reset();
  if (tapped_engines_.empty()) {
    const auto prepare = [loaded_bundle = bundle_](const auto& stop) -> Result<Prepared> {
      Prepared prepared;
      ALGEAN_ASSIGN(prepared.engines, compile_bundle(*loaded_bundle, true, stop));
      return prepared;
    };
    compilation_ = std::make_unique<Compilation>(prepare, options_.wake);
  } else {
    tapping_ = true;
    node_->tap(&tapped_engines_);
  }
  return {};
}

void Part::finish_tapping(Result<Prepared> prepared) {
  if (!prepared) {
    tap_error_ = prepared.error();
    return;
  }
  tapped_engines_ = std::move(prepared->engines);
  if (!tap_wanted_) return;
  tapping_ = true;
  node_->tap(&tapped_engines_);
  note("tapped");
}

std::optional<Result<>> Part::tapped() const {
  if (tapping_) return Result<>();
  if (tap_error_) return std::unexpected(*tap_error_);
  if (!compilation_) return failed("{}: tapping was switched off", to_text(id_));
  return std::nullopt;
}

Result<std::optional<control::TappedTensors>> Part::taps(const control::Taps& request) const {
  if (!tapping_) return bad_input("{} is not tapped", to_text(id_));
  if (request.slot() > 0xffff) return bad_input("there is no slot {}", request.slot());
  const auto slot = static_cast<std::uint16_t>(request.slot());
  const TapStore& store = node_->taps();
  if (store.kernels(slot, request.inference()) < node_->tapped_kernels()) return std::nullopt;
  control::TappedTensors result;
  for (const TapTensor& tap : store.tensors(slot, request.inference())) *result.add_tensors() = message_of(tap);
  return result;
}

control::PartSummary Part::summary() const {
  control::PartSummary summary;
  *summary.mutable_part() = id_;
  summary.set_name(bundle_->bundle.name);
  summary.set_state(state_);
  summary.set_committed(committed_);
  return summary;
}

control::PartStatus Part::status() const {
  control::PartStatus status;
  *status.mutable_part() = id_;
  status.set_name(bundle_->bundle.name);
  status.set_network(bundle_->bundle.network);
  status.set_state(state_);
  status.set_committed(committed_);
  status.set_error(error_);
  status.set_address(address_);
  status.set_poll(bundle_->bundle.poll);
  status.set_cores(bundle_->bundle.cores);
  status.set_tapped(tapping_);
  if (started_ns_ != 0) status.set_up_ns(clock_->now_ns() - started_ns_);
  if (node_) node_->report(status);
  return status;
}

}  // namespace algean::cluster
