// What a layer is in hardware: modules of the SystemVerilog library, the streams between them, and the contents of
// their memories. A plain value; kernels/circuit prints it, kernels/cost counts what it takes. The rules of a stream's
// signals are in kernels/stream/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace algean::kernels {

// How a tensor travels: row by row (a row: one pixel, channel-last), each row in beats of `lanes` elements; the last
// beat of a row is filled up with zeros. A tensor of shape [.., C] has rows of C elements.
struct Stream {
  std::int64_t rows = 1;      // of one inference
  std::int64_t elements = 1;  // of a row
  std::int64_t lanes = 1;     // elements a beat, 1..elements
  std::int64_t bits = 8;      // of an element, two's complement
  bool operator==(const Stream&) const = default;
  [[nodiscard]] std::int64_t beats_per_row() const { return (elements + lanes - 1) / lanes; }
  [[nodiscard]] std::int64_t beats() const { return rows * beats_per_row(); }
  [[nodiscard]] std::int64_t data_bits() const { return lanes * bits; }
};

// Contents of a memory: words of `word_bits` bits, little endian, each in ceil(word_bits / 8) bytes.
struct MemoryImage {
  std::string name;  // unique in its netlist: "weight", "constants"; the file is LAYER_NAME.mem
  std::int64_t word_bits = 8;
  std::vector<std::uint8_t> bytes;
  [[nodiscard]] std::int64_t word_bytes() const { return (word_bits + 7) / 8; }
  [[nodiscard]] std::int64_t words() const { return static_cast<std::int64_t>(bytes.size()) / word_bytes(); }
};

// A parameter's value: a number, or the index of an image (printed as the name of its file).
struct ImageIndex {
  std::size_t index = 0;
  bool operator==(const ImageIndex&) const = default;
};
struct ModuleParameter {
  std::string name;
  std::variant<std::int64_t, ImageIndex> value;
};

// A module of the library. All have the ports clk, rst, s_{data,last,mark,valid,ready} and m_{...}; where there are
// several inputs or outputs, a port is the concatenation of theirs, the first lowest.
struct ModuleInstance {
  std::string module;  // "algean_matvec"
  std::string name;    // unique in its netlist
  std::vector<ModuleParameter> parameters;
  std::vector<std::size_t> inputs;  // indices of streams
  std::vector<std::size_t> outputs;
  bool has_loader = false;  // ports w_{data,last,valid,ready}: weights that change while it runs
  bool has_error = false;   // port error: its inputs disagreed

  // The number under that name; a broken invariant where there is none.
  [[nodiscard]] std::int64_t number(const std::string& parameter) const;
};

// Each stream has one writer (an instance or an input) and one reader (an instance or an output).
struct Netlist {
  std::vector<Stream> streams;
  std::vector<ModuleInstance> instances;
  std::vector<MemoryImage> images;
  std::vector<std::size_t> inputs;  // indices of streams
  std::vector<std::size_t> outputs;

  std::size_t add_stream(const Stream& stream) {
    streams.push_back(stream);
    return streams.size() - 1;
  }
};

}  // namespace algean::kernels
