#include "kernels/circuit/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "kernels/emit/cpp.hpp"
#include "kernels/emit/systemverilog.hpp"
#include "kernels/emit/text.hpp"

namespace algean::kernels {
namespace {

using emit::Binding;
using emit::Port;

constexpr std::int64_t loader_bits = 32;

std::string image_file(const std::string& module, const MemoryImage& image) {
  return fmt::format("mem/{}_{}.mem", module, emit::identifier(image.name));
}

// One signal of a stream: its width, and whether it goes with the stream or against it.
struct Signal {
  const char* name;
  bool forward;
};
constexpr Signal signals[] = {{"data", true}, {"last", true}, {"mark", true}, {"valid", true}, {"ready", false}};

std::int64_t width(const Signal& signal, const Stream& stream) {
  return std::string_view(signal.name) == "data" ? stream.data_bits() : 1;
}

// What one module of the design is made of; `layers` gives instances of a top their loaders.
struct Source {
  std::string name;
  const Netlist& netlist;
  bool top = false;
  const Design* design = nullptr;  // of a top
};

std::int64_t loader_count(const Source& source, std::size_t instance) {
  if (!source.top || !source.design->layer_of[instance]) return source.netlist.instances[instance].has_loader ? 1 : 0;
  std::int64_t count = 0;
  for (const auto& each : source.design->layers[*source.design->layer_of[instance]].netlist.instances) {
    count += each.has_loader ? 1 : 0;
  }
  return count;
}

class Printer {
 public:
  explicit Printer(const Source& source) : source_(source), netlist_(source.netlist) {
    names_.resize(netlist_.streams.size());
    read_.assign(netlist_.streams.size(), false);
    for (std::size_t i = 0; i < netlist_.inputs.size(); ++i) {
      names_[netlist_.inputs[i]] = source.top || netlist_.inputs.size() > 1 ? fmt::format("in{}", i) : "s";
    }
    for (const ModuleInstance& instance : netlist_.instances) name_outputs(instance);
    for (std::size_t i = 0; i < netlist_.instances.size(); ++i) {
      for (const std::size_t input : netlist_.instances[i].inputs) read_[input] = true;
      loaders_ += loader_count(source, i);
      has_error_ |= netlist_.instances[i].has_error;
    }
    for (const std::size_t output : netlist_.outputs) read_[output] = true;
  }

  emit::Module module(const std::vector<std::string>& about) {
    emit::Module module{source_.name, about, {}, {}};
    module.ports = {{Port::Direction::input, "clk", 1}, {Port::Direction::input, "rst", 1}};
    stream_ports(module, true);
    stream_ports(module, false);
    loader_ports(module);
    if (source_.top || has_error_) module.ports.push_back({Port::Direction::output, "error", 1});
    if (!source_.top && netlist_.inputs.size() > 1) split_inputs(module);
    for (std::size_t i = 0; i < netlist_.instances.size(); ++i) add_instance(module, i);
    join_outputs(module);
    if (source_.top || has_error_) join_errors(module);
    return module;
  }

 private:
  void name_outputs(const ModuleInstance& instance) {
    for (std::size_t i = 0; i < instance.outputs.size(); ++i) {
      names_[instance.outputs[i]] = instance.name + (instance.outputs.size() > 1 ? fmt::format("_{}", i) : "_m");
    }
  }

  [[nodiscard]] std::string wire(std::size_t stream, const Signal& signal) const {
    return fmt::format("{}_{}", names_[stream], signal.name);
  }
  // The signal of several streams, the first lowest.
  [[nodiscard]] std::string wires(const std::vector<std::size_t>& streams, const Signal& signal) const {
    std::vector<std::string> list;
    list.reserve(streams.size());
    for (const std::size_t stream : streams) list.push_back(wire(stream, signal));
    return emit::concatenation(list);
  }

  void stream_ports(emit::Module& module, bool inputs) const {
    const auto& streams = inputs ? netlist_.inputs : netlist_.outputs;
    for (std::size_t i = 0; source_.top && i < streams.size(); ++i) {
      for (const Signal& signal : signals) {
        module.ports.push_back({signal.forward == inputs ? Port::Direction::input : Port::Direction::output,
                                fmt::format("{}{}_{}", inputs ? "in" : "out", i, signal.name),
                                width(signal, netlist_.streams[streams[i]])});
      }
    }
    for (const Signal& signal : signals) {
      if (source_.top) break;
      std::int64_t bits = 0;
      for (const std::size_t stream : streams) bits += width(signal, netlist_.streams[stream]);
      module.ports.push_back({signal.forward == inputs ? Port::Direction::input : Port::Direction::output,
                              fmt::format("{}_{}", inputs ? "s" : "m", signal.name), bits});
    }
  }

  void loader_ports(emit::Module& module) const {
    const std::int64_t ports = source_.top ? loaders_ : std::min<std::int64_t>(loaders_, 1);
    const std::int64_t each = source_.top ? 1 : loaders_;
    for (std::int64_t i = 0; i < ports; ++i) {
      const std::string name = source_.top ? fmt::format("load{}", i) : "w";
      module.ports.push_back({Port::Direction::input, name + "_data", each * loader_bits});
      module.ports.push_back({Port::Direction::input, name + "_last", each});
      module.ports.push_back({Port::Direction::input, name + "_valid", each});
      module.ports.push_back({Port::Direction::output, name + "_ready", each});
    }
  }

  void declare(emit::Module& module, std::size_t stream) const {
    module.items.emplace_back(emit::Wires{{wire(stream, signals[0])}, netlist_.streams[stream].data_bits()});
    emit::Wires rest;
    for (const Signal& signal : std::span(signals).subspan(1)) rest.names.push_back(wire(stream, signal));
    module.items.emplace_back(std::move(rest));
  }

  // Of a layer with several inputs: the wires of each, from the concatenations.
  void split_inputs(emit::Module& module) const {
    module.items.emplace_back(emit::Comment{{"inputs"}});
    for (const std::size_t stream : netlist_.inputs) declare(module, stream);
    for (const Signal& signal : signals) {
      const std::string port = fmt::format("s_{}", signal.name);
      const std::string all = wires(netlist_.inputs, signal);
      module.items.emplace_back(signal.forward ? emit::Assignment{all, port} : emit::Assignment{port, all});
    }
  }

  void add_instance(emit::Module& module, std::size_t index) {
    const ModuleInstance& from = netlist_.instances[index];
    module.items.emplace_back(emit::Comment{{describe(index)}});
    for (const std::size_t stream : from.outputs) {
      declare(module, stream);
      if (!read_[stream]) module.items.emplace_back(emit::Assignment{names_[stream] + "_ready", "1'b1"});
    }
    emit::Instance instance{from.module, "u_" + from.name, parameters(from), {{"clk", "clk"}, {"rst", "rst"}}};
    for (const Signal& signal : signals) {
      instance.ports.push_back({fmt::format("s_{}", signal.name), wires(from.inputs, signal)});
    }
    for (const Signal& signal : signals) {
      instance.ports.push_back({fmt::format("m_{}", signal.name), wires(from.outputs, signal)});
    }
    if (from.has_loader) bind_loaders(instance, loader_count(source_, index));
    if (from.has_error) {
      module.items.emplace_back(emit::Wires{{from.name + "_error"}, 1});
      instance.ports.push_back({"error", from.name + "_error"});
    }
    module.items.emplace_back(std::move(instance));
  }

  [[nodiscard]] std::string describe(std::size_t index) const {
    const ModuleInstance& instance = netlist_.instances[index];
    std::string text;
    for (const std::size_t stream : instance.outputs) {
      const Stream& s = netlist_.streams[stream];
      text += fmt::format("{}{} x {} in beats of {}", text.empty() ? "" : "; ", s.rows, s.elements, s.lanes);
    }
    if (!source_.top || !source_.design->layer_of[index]) return fmt::format("{}: {}", instance.name, text);
    return fmt::format("layer '{}': {}", source_.design->layers[*source_.design->layer_of[index]].layer, text);
  }

  [[nodiscard]] std::vector<Binding> parameters(const ModuleInstance& instance) const {
    std::vector<Binding> list;
    for (const ModuleParameter& each : instance.parameters) {
      const auto* image = std::get_if<ImageIndex>(&each.value);
      list.push_back({each.name, image == nullptr
                                     ? std::to_string(std::get<std::int64_t>(each.value))
                                     : emit::quoted(image_file(source_.name, netlist_.images[image->index]))});
    }
    return list;
  }

  void bind_loaders(emit::Instance& instance, std::int64_t count) {
    for (const char* signal : {"data", "last", "valid", "ready"}) {
      const std::int64_t bits = std::string_view(signal) == "data" ? loader_bits : 1;
      std::vector<std::string> list;
      for (std::int64_t i = loader_; i < loader_ + count; ++i) {
        list.push_back(source_.top ? fmt::format("load{}_{}", i, signal)
                                   : emit::slice(fmt::format("w_{}", signal), bits * i, bits, bits * loaders_));
      }
      instance.ports.push_back({fmt::format("w_{}", signal), emit::concatenation(list)});
    }
    loader_ += count;
  }

  void join_outputs(emit::Module& module) const {
    module.items.emplace_back(emit::Comment{{"outputs"}});
    for (const std::size_t stream : netlist_.inputs) {
      if (!read_[stream]) module.items.emplace_back(emit::Assignment{names_[stream] + "_ready", "1'b1"});
    }
    for (std::size_t i = 0; source_.top && i < netlist_.outputs.size(); ++i) {
      for (const Signal& signal : signals) {
        const std::string port = fmt::format("out{}_{}", i, signal.name);
        const std::string inside = wire(netlist_.outputs[i], signal);
        module.items.emplace_back(signal.forward ? emit::Assignment{port, inside} : emit::Assignment{inside, port});
      }
    }
    for (const Signal& signal : signals) {
      if (source_.top) break;
      const std::string port = fmt::format("m_{}", signal.name);
      const std::string inside = wires(netlist_.outputs, signal);
      module.items.emplace_back(signal.forward ? emit::Assignment{port, inside} : emit::Assignment{inside, port});
    }
  }

  void join_errors(emit::Module& module) const {
    std::string any;
    for (const ModuleInstance& instance : netlist_.instances) {
      if (instance.has_error) any += fmt::format("{}{}_error", any.empty() ? "" : " | ", instance.name);
    }
    module.items.emplace_back(emit::Assignment{"error", any.empty() ? "1'b0" : any});
  }

  const Source& source_;
  const Netlist& netlist_;
  std::vector<std::string> names_;  // of streams
  std::vector<bool> read_;
  std::int64_t loaders_ = 0;  // load streams of the module
  std::int64_t loader_ = 0;   // of those, bound so far
  bool has_error_ = false;
};

TextFile print_module(const Source& source, const std::vector<std::string>& about) {
  return {fmt::format("rtl/{}.sv", source.name), emit::to_text(Printer(source).module(about))};
}

std::string image_text(const MemoryImage& image) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto width = static_cast<std::size_t>(image.word_bytes());
  const auto nibbles = static_cast<std::size_t>((image.word_bits + 3) / 4);
  std::string text;
  text.reserve(image.bytes.size() / width * (nibbles + 1));
  for (std::size_t word = 0; word + width <= image.bytes.size(); word += width) {
    for (std::size_t nibble = nibbles; nibble-- > 0;) {
      const std::uint8_t byte = image.bytes[word + nibble / 2];
      text += digits[nibble % 2 == 0 ? byte & 15U : byte >> 4U];
    }
    text += '\n';
  }
  return text;
}

// Which images of a netlist are parameters of its modules.
std::vector<bool> named_images(const Netlist& netlist) {
  std::vector<bool> named(netlist.images.size(), false);
  for (const ModuleInstance& instance : netlist.instances) {
    for (const ModuleParameter& parameter : instance.parameters) {
      if (const auto* image = std::get_if<ImageIndex>(&parameter.value)) named[image->index] = true;
    }
  }
  return named;
}

void append_load(std::string& bytes, const MemoryImage& image) {
  constexpr std::size_t step = loader_bits / 8;
  const auto width = static_cast<std::size_t>(image.word_bytes());
  for (std::size_t word = 0; word + width <= image.bytes.size(); word += width) {
    bytes.append(reinterpret_cast<const char*>(&image.bytes[word]), width);
    bytes.append((step - width % step) % step, '\0');
  }
}

std::vector<std::string> join_lines(std::vector<std::string> first, const std::vector<std::string>& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

emit::CppRow port_row(const char* macro, const std::string& port, const DesignPort& of, const Stream& stream) {
  return {macro,
          {port, emit::quoted(of.name), std::to_string(stream.rows), std::to_string(stream.elements),
           std::to_string(stream.lanes), std::to_string(stream.bits)}};
}

}  // namespace

std::vector<TextFile> print_modules(const Design& design, const std::vector<std::string>& origin) {
  std::vector<std::string> about{fmt::format("Network '{}', {} layers.", design.name, design.layers.size())};
  for (std::size_t i = 0; i < design.inputs.size(); ++i) {
    about.push_back(fmt::format("in{}: '{}' {}", i, design.inputs[i].name, design.inputs[i].type.text()));
  }
  for (std::size_t i = 0; i < design.outputs.size(); ++i) {
    about.push_back(fmt::format("out{}: '{}' {}", i, design.outputs[i].name, design.outputs[i].type.text()));
  }
  const auto names = loaders(design);
  for (std::size_t i = 0; i < names.size(); ++i) about.push_back(fmt::format("load{}: {}", i, names[i]));
  std::vector<TextFile> files{print_module({top_module, design.top, true, &design}, join_lines(about, origin))};
  for (const DesignLayer& layer : design.layers) {
    about = {fmt::format("Layer '{}', folded to {} x {}: {} cycles an inference, {} until the first is complete.",
                         layer.layer, layer.folding.simd, layer.folding.pe, layer.cycles.interval,
                         layer.cycles.latency)};
    files.push_back(print_module({layer.module, layer.netlist}, join_lines(about, origin)));
  }
  return files;
}

std::vector<TextFile> print_images(const Design& design) {
  std::vector<TextFile> files;
  for (const DesignLayer& layer : design.layers) {
    const auto named = named_images(layer.netlist);
    for (std::size_t i = 0; i < named.size(); ++i) {
      const MemoryImage& image = layer.netlist.images[i];
      if (named[i]) files.push_back({image_file(layer.module, image), image_text(image)});
    }
  }
  return files;
}

std::vector<TextFile> print_loads(const Design& design) {
  std::vector<TextFile> files;
  for (std::size_t i = 0; i < design.top.instances.size(); ++i) {
    if (!design.top.instances[i].has_loader) continue;
    const Netlist& netlist = design.layers[*design.layer_of[i]].netlist;
    ALGEAN_INVARIANT(std::ranges::count_if(netlist.instances, &ModuleInstance::has_loader) == 1);
    std::string bytes;
    const auto named = named_images(netlist);
    for (std::size_t image = 0; image < named.size(); ++image) {
      if (!named[image]) append_load(bytes, netlist.images[image]);
    }
    files.push_back({fmt::format("vectors/load{}.bin", files.size()), std::move(bytes)});
  }
  return files;
}

TextFile print_ports(const Design& design, const std::vector<std::string>& origin) {
  std::vector<emit::CppRow> rows;
  for (std::size_t i = 0; i < design.inputs.size(); ++i) {
    rows.push_back(port_row("ALGEAN_INPUT", fmt::format("in{}", i), design.inputs[i],
                            design.top.streams[design.inputs[i].stream]));
  }
  for (std::size_t i = 0; i < design.outputs.size(); ++i) {
    rows.push_back(port_row("ALGEAN_OUTPUT", fmt::format("out{}", i), design.outputs[i],
                            design.top.streams[design.outputs[i].stream]));
  }
  const auto names = loaders(design);
  for (std::size_t i = 0; i < names.size(); ++i) {
    rows.push_back({"ALGEAN_LOADER", {fmt::format("load{}", i), emit::quoted(names[i])}});
  }
  // Longer than any port rests: a network may have taken all its inputs long before its first output.
  rows.push_back({"ALGEAN_DEADLINE", {std::to_string(4 * (design.longest + design.interval) + 100'000)}});
  return {"sim/ports.inc",
          emit::to_text(
              join_lines({"Ports: name in the top, name in the network, rows, elements of a row, lanes, bits"}, origin),
              rows)};
}

}  // namespace algean::kernels
