#include "runtime/client/client.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>

#include "runtime/client/lookup.hpp"
#include "runtime/client/port_codec.hpp"
#include "runtime/client/session.hpp"
#include "runtime/transport/schemes.hpp"

namespace algean {
namespace {

const SteadyClock steady_clock;

constexpr std::size_t no_batch = 0;

std::string names_of(std::span<const Port> ports) {
  std::string names;
  for (const Port& port : ports) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", port.name);
  return names;
}

// What a user hands over for a port; with a batch axis in front unless batch is no_batch.
Result<TensorType> user_type(const Port& port, std::size_t batch) {
  TensorType type = port.type;
  if (port.form == ExternalForm::float32) type.element = ElementType::float32();
  if (batch == no_batch) return type;
  std::vector<std::int64_t> extents{static_cast<std::int64_t>(batch)};
  extents.insert(extents.end(), type.shape.extents().begin(), type.shape.extents().end());
  ALGEAN_ASSIGN(type.shape, Shape::make(std::move(extents)));
  return type;
}

Result<> check_type(const Port& port, const Tensor& tensor, std::size_t batch) {
  ALGEAN_ASSIGN(const TensorType expected, user_type(port, batch));
  const TensorType& got = tensor.type();
  if (got.element.name() != expected.element.name() || got.shape != expected.shape) {
    return bad_input("input \"{}\": expected {}, got {}", port.name, expected.text(), got.text());
  }
  return {};
}

// The tensor for each port, in the ports' order.
Result<std::vector<const Tensor*>> match(std::span<const Port> ports, std::span<const NamedTensor> tensors) {
  std::vector<const Tensor*> matched(ports.size(), nullptr);
  for (const NamedTensor& named : tensors) {
    const bool only = named.name.empty() && ports.size() == 1;
    const auto port = only ? ports.begin() : std::ranges::find(ports, named.name, &Port::name);
    if (port == ports.end()) return bad_input("input \"{}\" is none of {}", named.name, names_of(ports));
    const Tensor*& place = matched[static_cast<std::size_t>(port - ports.begin())];
    if (place != nullptr) return bad_input("input \"{}\" is there twice", port->name);
    place = &named.tensor;
  }
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (matched[i] == nullptr) return bad_input("input \"{}\" is missing", ports[i].name);
  }
  return matched;
}

}  // namespace

class Client::Impl {
 public:
  Impl(std::unique_ptr<Dialler> dialler, const std::string& address, const ClientOptions& options, const Clock& clock)
      : session_(std::move(dialler), address, options, clock) {}

  Result<> attach() {
    ALGEAN_TRY(session_.attach());
    for (const Port& port : inputs()) encoders_.emplace_back(port);
    wire_inputs_.resize(encoders_.size());
    return {};
  }

  [[nodiscard]] Session& session() { return session_; }
  [[nodiscard]] std::span<const Port> inputs() const { return session_.description().inputs; }
  [[nodiscard]] std::span<const Port> outputs() const { return session_.description().outputs; }

  Result<Ticket> submit(std::span<const NamedTensor> tensors, std::int64_t timeout_ns) {
    ALGEAN_ASSIGN(const auto matched, match(inputs(), tensors));
    for (std::size_t i = 0; i < matched.size(); ++i) ALGEAN_TRY(check_type(inputs()[i], *matched[i], no_batch));
    return submit_row(matched, 0, timeout_ns);
  }

  Result<std::vector<NamedTensor>> await(Ticket ticket) {
    std::vector<NamedTensor> results;
    for (const Port& port : outputs()) {
      ALGEAN_ASSIGN(TensorType type, user_type(port, no_batch));
      results.push_back({port.name, Tensor(std::move(type))});
    }
    ALGEAN_TRY(await_row(ticket, results, 0));
    return results;
  }

  void forget(Ticket ticket) { session_.release(ticket.inference_id); }

  Result<std::vector<NamedTensor>> infer_batch(std::span<const NamedTensor> tensors, std::int64_t timeout_ns,
                                               const Progress& progress) {
    ALGEAN_ASSIGN(const auto matched, match(inputs(), tensors));
    if (matched.front()->shape().rank() == 0)
      return bad_input("input \"{}\": has no batch axis", inputs().front().name);
    const auto rows = static_cast<std::size_t>(matched.front()->shape()[0]);
    for (std::size_t i = 0; i < matched.size(); ++i) ALGEAN_TRY(check_type(inputs()[i], *matched[i], rows));
    std::vector<NamedTensor> results;
    for (const Port& port : outputs()) {
      ALGEAN_ASSIGN(TensorType type, user_type(port, rows));
      results.push_back({port.name, Tensor(std::move(type))});
    }
    if (auto done = run_rows(matched, rows, timeout_ns, results, progress); !done) return std::unexpected(done.error());
    return results;
  }

  [[nodiscard]] Ticket last_ticket() const { return last_; }

  Result<> infer_into(std::span<const std::span<const std::byte>> in, std::span<const std::span<std::byte>> out,
                      std::int64_t timeout_ns) {
    ALGEAN_INVARIANT(in.size() == inputs().size() && out.size() == outputs().size());
    for (std::size_t i = 0; i < in.size(); ++i) wire_inputs_[i] = encoders_[i].pack(in[i]);
    ALGEAN_ASSIGN(const std::uint32_t id, session_.submit(wire_inputs_, timeout_ns));
    last_ = {id};
    ALGEAN_ASSIGN(const wire::Assembly* answer, session_.await(id));
    Result<> done;
    for (std::size_t i = 0; i < out.size() && done; ++i) {
      done = of_output(id, i, unpack_output(outputs()[i], answer->bytes(i), out[i]));
    }
    session_.release(id);
    return done;
  }

 private:
  // One inference from row `row` of tensors that fit the ports.
  Result<Ticket> submit_row(std::span<const Tensor* const> tensors, std::size_t row, std::int64_t timeout_ns) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const std::size_t bytes = encoders_[i].user_bytes();
      ALGEAN_ASSIGN(wire_inputs_[i], encoders_[i].encode(tensors[i]->bytes().subspan(row * bytes, bytes)));
    }
    ALGEAN_ASSIGN(const std::uint32_t id, session_.submit(wire_inputs_, timeout_ns));
    last_ = {id};
    return last_;
  }

  Result<> await_row(Ticket ticket, std::span<NamedTensor> results, std::size_t row) {
    ALGEAN_ASSIGN(const wire::Assembly* answer, session_.await(ticket.inference_id));
    Result<> done;
    for (std::size_t i = 0; i < results.size() && done; ++i) {
      const Port& port = outputs()[i];
      const std::size_t bytes = user_bytes(port);
      done = of_output(ticket.inference_id, i,
                       decode_output(port, answer->bytes(i), results[i].tensor.bytes().subspan(row * bytes, bytes)));
    }
    session_.release(ticket.inference_id);
    return done;
  }

  // Names the node that gave an output which is not good.
  Result<> of_output(std::uint32_t id, std::size_t port, Result<> done) const {
    if (done) return done;
    return std::unexpected(done.error().within(fmt::format("{}: inference {}", session_.giver(port), id)));
  }

  Result<> run_rows(std::span<const Tensor* const> tensors, std::size_t rows, std::int64_t timeout_ns,
                    std::span<NamedTensor> results, const Progress& progress) {
    std::deque<Ticket> in_flight;
    std::size_t sent = 0;
    for (std::size_t done = 0; done < rows; ++done) {
      Result<> step;
      while (step && sent < rows && in_flight.size() < session_.max_in_flight()) {
        if (auto ticket = submit_row(tensors, sent, timeout_ns)) {
          in_flight.push_back(*ticket);
          ++sent;
        } else {
          step = std::unexpected(ticket.error().within(fmt::format("row {}", sent)));
        }
      }
      if (step) {
        step = await_row(in_flight.front(), results, done);
        in_flight.pop_front();
        if (!step) step = std::unexpected(step.error().within(fmt::format("row {}", done)));
      }
      if (!step) {
        for (const Ticket ticket : in_flight) forget(ticket);
        return step;
      }
      if (progress) progress(done + 1, rows);
    }
    return {};
  }

  Session session_;
  std::vector<InputEncoder> encoders_;
  std::vector<std::span<const std::byte>> wire_inputs_;
  Ticket last_;
};

Result<std::unique_ptr<Client>> Client::connect(const std::string& name_or_address, const ClientOptions& options) {
  std::string address_text = name_or_address;
  const bool by_name = !is_udp_address(name_or_address);
  if (by_name) {
    const auto folder = options.state_folder.empty() ? default_state_folder() : options.state_folder;
    ALGEAN_ASSIGN(address_text, find_deployment(folder, name_or_address));
  }
  const auto client = [&]() -> Result<std::unique_ptr<Client>> {
    ALGEAN_ASSIGN(auto dialler, make_dialler({.udp = {.max_datagram_bytes = options.max_datagram_bytes},
                                              .tcp = {.max_datagram_bytes = options.max_datagram_bytes}}));
    return attach(std::move(dialler), address_text, options, steady_clock);
  };
  auto result = client();
  if (!result && by_name)
    return std::unexpected(result.error().within(fmt::format("deployment \"{}\"", name_or_address)));
  return result;
}

Result<std::unique_ptr<Client>> Client::attach(std::unique_ptr<Dialler> dialler, const std::string& address,
                                               const ClientOptions& options, const Clock& clock) {
  if (options.max_datagram_bytes < wire::min_datagram_bytes) {
    return bad_input("datagrams of {} bytes: at least {} are needed", options.max_datagram_bytes,
                     wire::min_datagram_bytes);
  }
  auto impl = std::make_unique<Impl>(std::move(dialler), address, options, clock);
  ALGEAN_TRY(impl->attach());
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;
std::span<const Port> Client::inputs() const { return impl_->inputs(); }
std::span<const Port> Client::outputs() const { return impl_->outputs(); }
const std::string& Client::deployment() const { return impl_->session().description().deployment; }
const std::string& Client::node_version() const { return impl_->session().description().node_version; }
std::string Client::address() const { return impl_->session().address(); }
std::size_t Client::max_in_flight() const { return impl_->session().max_in_flight(); }
std::uint16_t Client::slot() const { return impl_->session().slot(); }
void Client::set_trace(bool on) { impl_->session().set_trace(on); }
std::vector<NodeTrace> Client::trace() const { return impl_->session().trace(); }

Result<Ticket> Client::submit(std::span<const NamedTensor> inputs, std::int64_t timeout_ns) {
  return impl_->submit(inputs, timeout_ns);
}
Result<std::vector<NamedTensor>> Client::await(Ticket ticket) { return impl_->await(ticket); }
Result<std::vector<NamedTensor>> Client::infer(std::span<const NamedTensor> inputs, std::int64_t timeout_ns) {
  ALGEAN_ASSIGN(const Ticket ticket, impl_->submit(inputs, timeout_ns));
  return impl_->await(ticket);
}
bool Client::ready(Ticket ticket) { return impl_->session().ready(ticket.inference_id); }
void Client::forget(Ticket ticket) { impl_->forget(ticket); }
Result<std::vector<NamedTensor>> Client::infer_batch(std::span<const NamedTensor> inputs, std::int64_t timeout_ns,
                                                     const Progress& progress) {
  return impl_->infer_batch(inputs, timeout_ns, progress);
}
Result<> Client::infer_into(std::span<const std::span<const std::byte>> inputs,
                            std::span<const std::span<std::byte>> outputs, std::int64_t timeout_ns) {
  return impl_->infer_into(inputs, outputs, timeout_ns);
}

Ticket Client::last_ticket() const { return impl_->last_ticket(); }

}  // namespace algean
