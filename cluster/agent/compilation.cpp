#include "cluster/agent/compilation.hpp"

#include <algorithm>
#include <new>

#include "kernels/library/library.hpp"

namespace algean::cluster {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

Result<> check_file(const BundleKernel& kernel, const std::string& file) {
  if (file.size() != kernel.bytes) {
    return bad_input("file '{}' has {} bytes, the bundle says {}", kernel.file, file.size(), kernel.bytes);
  }
  if (const std::string hash = sha256_hex(bytes_of(file)); hash != kernel.sha256) {
    return bad_input("file '{}' has SHA-256 {}, the bundle says {}", kernel.file, hash, kernel.sha256);
  }
  return {};
}

// What the bundle says of a kernel's ports, beside what its engine has.
Result<> check_outputs(const Bundle& bundle, const BundleKernel& kernel, const Engine& engine) {
  if (engine.outputs().size() != kernel.routes.size()) {
    return bad_input("it makes {} tensors, but has routes for {}", engine.outputs().size(), kernel.routes.size());
  }
  for (std::size_t port = 0; port < kernel.routes.size(); ++port) {
    for (const Destination& to : kernel.routes[port]) {
      if (to.kernel != client_kernel) continue;
      const Port& output = bundle.outputs[to.port].port;
      if (output.type == engine.outputs()[port].type) continue;
      return bad_input("output `{}` is {}, but port {} makes {}", output.name, output.type.text(), port,
                       engine.outputs()[port].type.text());
    }
  }
  return {};
}

Result<> check_inputs(const Bundle& bundle, const BundleKernel& kernel, const Engine& engine) {
  for (const BundleInput& input : bundle.inputs) {
    for (const Destination& to : input.destinations) {
      if (to.kernel != kernel.id) continue;
      if (to.port >= engine.inputs().size())
        return bad_input("input `{}` goes to port {}, which it lacks", input.port.name, to.port);
      const TensorType& taken = engine.inputs()[to.port].type;
      if (taken == input.port.type) continue;
      return bad_input("input `{}` is {}, but port {} takes {}", input.port.name, input.port.type.text(), to.port,
                       taken.text());
    }
  }
  return {};
}

// Routes between kernels of this node, whose types both sides state.
Result<> check_local_routes(const Bundle& bundle, const Engines& engines) {
  for (std::size_t from = 0; from < engines.size(); ++from) {
    for (std::size_t port = 0; port < bundle.kernels[from].routes.size(); ++port) {
      for (const Destination& to : bundle.kernels[from].routes[port]) {
        const auto found = std::ranges::find(bundle.kernels, to.kernel, &BundleKernel::id);
        if (found == bundle.kernels.end()) continue;
        const Engine& taker = *engines[static_cast<std::size_t>(found - bundle.kernels.begin())];
        const TensorType& made = engines[from]->outputs()[port].type;
        const bool fits = to.port < taker.inputs().size() && taker.inputs()[to.port].type == made;
        if (fits) continue;
        return bad_input("kernel {}: port {} makes {}, which port {} of kernel {} does not take",
                         bundle.kernels[from].id, port, made.text(), to.port, to.kernel);
      }
    }
  }
  return {};
}

Result<std::unique_ptr<kernels::TappedEngine>> compile_kernel(const Bundle& bundle, const BundleKernel& kernel,
                                                              const std::string& file, bool tapped) {
  ALGEAN_TRY(check_file(kernel, file));
  kernels::CompileOptions options;
  if (tapped) options.taps = kernel.taps;
  ALGEAN_ASSIGN(auto engine, kernels::load_engine(bytes_of(file), kernel.file, kernels::library(), options));
  ALGEAN_TRY(check_outputs(bundle, kernel, *engine));
  ALGEAN_TRY(check_inputs(bundle, kernel, *engine));
  return engine;
}

}  // namespace

Result<Engines> compile_bundle(const LoadedBundle& loaded, bool tapped, const std::stop_token& stop) {
  Engines engines;
  for (std::size_t i = 0; i < loaded.bundle.kernels.size(); ++i) {
    if (stop.stop_requested()) return failed("it was given up");
    const BundleKernel& kernel = loaded.bundle.kernels[i];
    auto engine = compile_kernel(loaded.bundle, kernel, loaded.files[i], tapped);
    if (!engine) return std::unexpected(engine.error().within(fmt::format("kernel {}", kernel.id)));
    engines.push_back(*std::move(engine));
  }
  ALGEAN_TRY(check_local_routes(loaded.bundle, engines));
  return engines;
}

Compilation::Compilation(Preparation preparation, std::function<void()> wake)
    : thread_([this, preparation = std::move(preparation), wake = std::move(wake)](const std::stop_token& stop) {
        try {
          result_ = preparation(stop);
        } catch (const std::bad_alloc&) {  // a well-formed network may still be too large for this machine
          result_ = failed("not enough memory for a network of this size");
        }
        done_ = true;
        wake();
      }) {}

}  // namespace algean::cluster
