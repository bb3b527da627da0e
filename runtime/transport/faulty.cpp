#include "runtime/transport/faulty.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/transport/fault_line.hpp"

namespace algean {
namespace {

constexpr int receives_a_call = 256;

// What a dialler and its links share.
struct Lines {
  Lines(const FaultOptions& wanted, const Clock& time, FaultCounts& every)
      : options(wanted), clock(time), counts(every), buffer(receive_buffer_bytes) {
    for (const double rate : {wanted.loss, wanted.duplication, wanted.reordering}) {
      ALGEAN_INVARIANT(rate >= 0 && rate <= 1);
    }
    ALGEAN_INVARIANT(wanted.reordering_distance > 0 && wanted.jitter_ns >= 0);
  }
  [[nodiscard]] std::int64_t ready_ns() const {
    std::int64_t earliest_ns = std::numeric_limits<std::int64_t>::max();
    for (const FaultLine* line : all) earliest_ns = std::min(earliest_ns, line->ready_ns());
    return earliest_ns;
  }
  // How long to wait for more, if anybody waits at all.
  [[nodiscard]] std::int64_t shortened_ns(std::int64_t timeout_ns, std::int64_t until_ns) const {
    if (until_ns == std::numeric_limits<std::int64_t>::max()) return timeout_ns;
    return std::clamp<std::int64_t>(until_ns - clock.now_ns(), 0, std::max<std::int64_t>(timeout_ns, 0));
  }

  const FaultOptions options;
  const Clock& clock;
  FaultCounts& counts;
  std::vector<FaultLine*> all;
  std::uint64_t made = 0;
  std::vector<std::byte> buffer;
};

// A line among the others.
class OneOfLines {
 public:
  explicit OneOfLines(std::shared_ptr<Lines> lines)
      : lines_(std::move(lines)),
        line_(lines_->options, Random(lines_->options.seed + lines_->made++).next(), lines_->counts) {
    lines_->all.push_back(&line_);
  }
  OneOfLines(const OneOfLines&) = delete;
  OneOfLines& operator=(const OneOfLines&) = delete;
  ~OneOfLines() { std::erase(lines_->all, &line_); }

  // `next(into, from)` receives from what is faulty.
  template <class Next>
  Received receive(std::span<std::byte> into, Peer& from, Next next) {
    const std::int64_t now_ns = lines_->clock.now_ns();
    for (int i = 0; i < receives_a_call && !line_.is_full(); ++i) {
      const Received got = next(std::span(lines_->buffer), from);
      if (got.result == Transfer::empty) break;
      if (got.result != Transfer::done) return got;
      for (auto rest = std::span<const std::byte>(lines_->buffer).first(got.bytes); !rest.empty();) {
        line_.add(next_datagram(rest, got.segment_bytes), from, now_ns);
      }
    }
    return line_.take(into, from, now_ns);
  }
  [[nodiscard]] std::int64_t shortened_ns(std::int64_t timeout_ns) const {
    return lines_->shortened_ns(timeout_ns, line_.ready_ns());
  }

 private:
  std::shared_ptr<Lines> lines_;
  FaultLine line_;
};

class FaultyTransport final : public Transport {
 public:
  FaultyTransport(std::unique_ptr<Transport> link, std::shared_ptr<Lines> lines)
      : link_(std::move(link)), line_(std::move(lines)) {}
  Transfer send(std::span<const std::byte> datagram) override { return link_->send(datagram); }
  Transfer send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                         std::size_t& sent_bytes) override {
    return link_->send_segments(datagrams, segment_bytes, sent_bytes);
  }
  Received receive(std::span<std::byte> into) override {
    Peer unused;
    return line_.receive(into, unused, [&](std::span<std::byte> buffer, Peer&) { return link_->receive(buffer); });
  }
  void wait(std::int64_t timeout_ns) override { link_->wait(line_.shortened_ns(timeout_ns)); }
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return link_->max_datagram_bytes(); }
  [[nodiscard]] std::size_t receive_window_bytes() const override { return link_->receive_window_bytes(); }
  [[nodiscard]] std::string peer() const override { return link_->peer(); }

 private:
  std::unique_ptr<Transport> link_;
  OneOfLines line_;
};

Result<std::unique_ptr<Transport>> wrap(Result<std::unique_ptr<Transport>> link, const std::shared_ptr<Lines>& lines) {
  if (!link) return link;
  return std::make_unique<FaultyTransport>(std::move(*link), lines);
}

class FaultyDialler final : public Dialler {
 public:
  FaultyDialler(std::unique_ptr<Dialler> dialler, std::shared_ptr<Lines> lines)
      : dialler_(std::move(dialler)), lines_(std::move(lines)) {}
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    return wrap(dialler_->dial(address), lines_);
  }
  void wait(std::int64_t timeout_ns) override { dialler_->wait(lines_->shortened_ns(timeout_ns, lines_->ready_ns())); }
  void wake() noexcept override { dialler_->wake(); }

 private:
  std::unique_ptr<Dialler> dialler_;
  std::shared_ptr<Lines> lines_;
};

class FaultyListener final : public Listener {
 public:
  FaultyListener(std::unique_ptr<Listener> listener, std::shared_ptr<Lines> lines)
      : listener_(std::move(listener)), lines_(std::move(lines)), door_(lines_) {}
  Received receive(std::span<std::byte> into, Peer& from) override {
    return door_.receive(into, from,
                         [&](std::span<std::byte> buffer, Peer& who) { return listener_->receive(buffer, who); });
  }
  Transfer send(const Peer& to, std::span<const std::byte> datagram) override { return listener_->send(to, datagram); }
  Result<std::unique_ptr<Transport>> connect(const Peer& to) override { return wrap(listener_->connect(to), lines_); }
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    return wrap(listener_->dial(address), lines_);
  }
  void wait(std::int64_t timeout_ns) override { listener_->wait(lines_->shortened_ns(timeout_ns, lines_->ready_ns())); }
  void wake() noexcept override { listener_->wake(); }
  [[nodiscard]] std::string address() const override { return listener_->address(); }

 private:
  std::unique_ptr<Listener> listener_;
  std::shared_ptr<Lines> lines_;
  OneOfLines door_;
};

}  // namespace

std::unique_ptr<Transport> make_faulty(std::unique_ptr<Transport> link, const FaultOptions& options, const Clock& clock,
                                       FaultCounts& counts) {
  return std::make_unique<FaultyTransport>(std::move(link), std::make_shared<Lines>(options, clock, counts));
}

std::unique_ptr<Dialler> make_faulty(std::unique_ptr<Dialler> dialler, const FaultOptions& options, const Clock& clock,
                                     FaultCounts& counts) {
  return std::make_unique<FaultyDialler>(std::move(dialler), std::make_shared<Lines>(options, clock, counts));
}

std::unique_ptr<Listener> make_faulty(std::unique_ptr<Listener> listener, const FaultOptions& options,
                                      const Clock& clock, FaultCounts& counts) {
  return std::make_unique<FaultyListener>(std::move(listener), std::make_shared<Lines>(options, clock, counts));
}

}  // namespace algean
