#include "tests/bench/peers/onnx_runtime.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <numeric>

namespace algean::bench {
namespace {

// The part of ONNX Runtime's C interface that a session needs. Its table of functions only ever grows at the end, so
// that a function is known by its place (onnxruntime_c_api.h, OrtApi; version 12 of the interface).
constexpr std::uint32_t version = 12;
enum Place : std::size_t {
  get_error_message = 2,
  create_env = 3,
  create_session = 7,
  run_session = 9,
  create_session_options = 10,
  set_optimization_level = 23,
  set_intra_op_threads = 24,
  create_tensor_with_data = 49,
  create_cpu_memory_info = 69,
};
constexpr int log_fatal = 4;
constexpr int optimise_all = 99;
constexpr int type_float = 1;
constexpr int type_int8 = 3;

using Api = const void* const*;
struct ApiBase {
  Api (*get_api)(std::uint32_t version);
  const char* (*version_text)();
};

template <class... Arguments>
Result<> call(Api api, Place place, Arguments... arguments) {
  using Function = void* (*)(Arguments...);
  void* status = reinterpret_cast<Function>(const_cast<void*>(api[place]))(arguments...);
  if (status == nullptr) return {};
  using Message = const char* (*)(void*);
  return bad_input("ONNX Runtime: {}", reinterpret_cast<Message>(const_cast<void*>(api[get_error_message]))(status));
}

// ALGEAN_ONNXRUNTIME names the library; otherwise it lies where .ci/install puts npm's package.
std::string library_path() {
  if (const char* given = std::getenv("ALGEAN_ONNXRUNTIME")) return given;
  const std::filesystem::path folder =
      std::filesystem::path(ALGEAN_SOURCE) / "build/npm/node_modules/onnxruntime-node/bin";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto path = entry.path() / "linux/x64/libonnxruntime.so.1";
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

std::size_t bytes(const OnnxRuntime::Port& port) {
  const auto elements = std::accumulate(port.shape.begin(), port.shape.end(), std::int64_t{1}, std::multiplies<>());
  return static_cast<std::size_t>(elements) * (port.element == OnnxRuntime::Element::float32 ? 4 : 1);
}

}  // namespace

// Lives to the end of the process, and so does all it holds.
struct OnnxRuntime::Session {
  Api api = nullptr;
  std::string version;
  Port input, output;
  std::vector<std::byte> x, y;
  void* env = nullptr;
  void* options = nullptr;
  void* session = nullptr;
  void* memory = nullptr;
  void* x_value = nullptr;
  void* y_value = nullptr;

  Result<> tensor(const Port& port, std::vector<std::byte>& data, void** value) const {
    data.resize(bytes(port));
    const int type = port.element == Element::float32 ? type_float : type_int8;
    return call(api, create_tensor_with_data, memory, static_cast<void*>(data.data()), data.size(), port.shape.data(),
                port.shape.size(), type, value);
  }

  Result<> open(const std::string& model) {
    ALGEAN_TRY(call(api, create_env, log_fatal, "bench", &env));
    ALGEAN_TRY(call(api, create_session_options, &options));
    ALGEAN_TRY(call(api, set_intra_op_threads, options, 1));
    ALGEAN_TRY(call(api, set_optimization_level, options, optimise_all));
    ALGEAN_TRY(call(api, create_session, env, model.c_str(), options, &session));
    ALGEAN_TRY(call(api, create_cpu_memory_info, 0, 0, &memory));
    ALGEAN_TRY(tensor(input, x, &x_value));
    return tensor(output, y, &y_value);
  }

  Result<> run() {
    const char* const inputs[] = {input.name.c_str()};
    const char* const outputs[] = {output.name.c_str()};
    void* const values[] = {x_value};
    return call(api, run_session, session, static_cast<void*>(nullptr), &inputs[0], &values[0], std::size_t{1},
                &outputs[0], std::size_t{1}, &y_value);
  }
};

Result<std::unique_ptr<OnnxRuntime>> OnnxRuntime::load(const std::string& model, const Port& input,
                                                       const Port& output) {
  if (!std::filesystem::exists(model)) return bad_input("there is no file {}", model);
  const std::string path = library_path();
  void* library = path.empty() ? nullptr : dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return bad_input("npm's onnxruntime-node is not installed");
  const auto get_base = reinterpret_cast<const ApiBase* (*)()>(dlsym(library, "OrtGetApiBase"));
  if (get_base == nullptr) return bad_input("{} has no OrtGetApiBase", path);
  auto session = std::make_unique<Session>();
  session->api = get_base()->get_api(version);
  session->version = get_base()->version_text();
  session->input = input;
  session->output = output;
  ALGEAN_TRY(session->open(model));
  ALGEAN_TRY(session->run());
  return std::unique_ptr<OnnxRuntime>(new OnnxRuntime(std::move(session)));
}

OnnxRuntime::OnnxRuntime(std::unique_ptr<Session> session) : session_(std::move(session)) {}
OnnxRuntime::~OnnxRuntime() = default;

void OnnxRuntime::run() { ALGEAN_INVARIANT(session_->run()); }
std::span<std::byte> OnnxRuntime::input() { return session_->x; }
std::span<const std::byte> OnnxRuntime::output() const { return session_->y; }
std::string OnnxRuntime::name() const { return "ONNX Runtime " + session_->version; }

}  // namespace algean::bench
