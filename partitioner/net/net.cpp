#include "partitioner/net/net.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "runtime/document/document.hpp"

namespace algean::partitioner {
namespace {

constexpr std::int64_t version = 1;
constexpr std::size_t max_name_characters = 64;
constexpr std::int64_t max_count = std::numeric_limits<std::int32_t>::max();

Result<std::string> read_name(const Element& element) {
  ALGEAN_ASSIGN(std::string name, element.string());
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto is_part = [&](char c) { return is_word(c) || c == '.' || c == '_' || c == '-'; };
  if (name.size() > max_name_characters || !is_word(name.front()) || !std::ranges::all_of(name, is_part)) {
    return element.wrong(fmt::format("must be letters, digits, '.', '_' and '-', first a letter or digit, at most {}",
                                     max_name_characters));
  }
  return name;
}

Result<double> read_positive(const Element& element) {
  ALGEAN_ASSIGN(const double value, element.number());
  if (value <= 0) return element.wrong("must be above 0");
  return value;
}

class NetReader {
 public:
  explicit NetReader(std::filesystem::path file) : folder_(file.parent_path()) { net_.file = std::move(file); }

  Result<Net> read(const Element& root) {
    // A file of a later version is named as such, not by its first key that is unknown here.
    ALGEAN_ASSIGN(const Element of_version, root.at("version"));
    ALGEAN_TRY(of_version.integer(version, version));
    ALGEAN_TRY(
        root.check_keys({"version", "name", "model", "precision", "calibration", "check", "io", "target", "layers"}));
    ALGEAN_ASSIGN(const Element name, root.at("name"));
    ALGEAN_ASSIGN(net_.name, read_name(name));
    ALGEAN_ASSIGN(const Element model, root.at("model"));
    ALGEAN_TRY(read_model(model));
    using Reader = Result<> (NetReader::*)(const Element&);
    constexpr std::array<std::pair<std::string_view, Reader>, 6> optional{
        {{"precision", &NetReader::read_precision},
         {"calibration", &NetReader::read_calibration},
         {"check", &NetReader::read_check},
         {"io", &NetReader::read_io},
         {"target", &NetReader::read_target},
         {"layers", &NetReader::read_layers}}};
    for (const auto& [key, reader] : optional) {
      if (const auto element = root.find(key)) ALGEAN_TRY((this->*reader)(*element));
    }
    return std::move(net_);
  }

 private:
  Result<Net::File> read_file_name(const Element& element) {
    ALGEAN_ASSIGN(const std::string text, element.string());
    Net::File file{folder_ / text, element.where()};
    std::error_code error;
    const auto status = std::filesystem::status(file.path, error);
    if (!std::filesystem::exists(status)) {
      return element.wrong(fmt::format("names a file that does not exist: {}", file.path.string()));
    }
    if (!std::filesystem::is_regular_file(status)) {
      return element.wrong(fmt::format("must name a regular file: {}", file.path.string()));
    }
    return file;
  }

  Result<Net::File> read_file_name(const Element& map, std::string_view key) {
    ALGEAN_ASSIGN(const Element element, map.at(key));
    return read_file_name(element);
  }

  Result<> read_model(const Element& model) {
    ALGEAN_TRY(model.check_keys({"file", "weights", "fully_connected"}));
    ALGEAN_ASSIGN(net_.model.file, read_file_name(model, "file"));
    if (const auto weights = model.find("weights")) {
      ALGEAN_ASSIGN(net_.model.weights, read_file_name(*weights));
    }
    if (const auto kind = model.find("fully_connected")) {
      ALGEAN_ASSIGN(const std::size_t choice, kind->one_of({"fixed_point", "double"}));
      net_.model.fully_connected = static_cast<Net::Model::FullyConnected>(choice);
      net_.model.fully_connected_where = kind->where();
    }
    return {};
  }

  static Result<Precision> read_precision_word(const Element& element) {
    ALGEAN_ASSIGN(const std::size_t choice, element.one_of({"int8", "float"}));
    return choice == 0 ? Precision::int8 : Precision::float32;
  }

  Result<> read_precision(const Element& precision) {
    ALGEAN_TRY(precision.check_keys({"default", "layers"}));
    if (const auto element = precision.find("default")) {
      ALGEAN_ASSIGN(net_.precision, read_precision_word(*element));
    }
    const auto layers = precision.find("layers");
    if (!layers) return {};
    ALGEAN_ASSIGN(const auto entries, layers->entries());
    for (const auto& [layer, element] : entries) {
      if (layer.empty()) return element.wrong("stands under an empty layer name");
      ALGEAN_ASSIGN(const Precision word, read_precision_word(element));
      net_.layer_precisions.push_back({layer, word, element.where()});
    }
    return {};
  }

  Result<> read_calibration(const Element& element) {
    ALGEAN_TRY(element.check_keys({"inputs", "method", "percentile"}));
    Net::Calibration calibration;
    ALGEAN_ASSIGN(calibration.inputs, read_file_name(element, "inputs"));
    if (const auto method = element.find("method")) {
      ALGEAN_ASSIGN(const std::size_t choice, method->one_of({"minmax", "percentile", "mse"}));
      calibration.method = static_cast<Net::Calibration::Method>(choice);
    }
    if (const auto percentile = element.find("percentile")) {
      ALGEAN_ASSIGN(calibration.percentile, percentile->number());
      if (calibration.percentile <= 50 || calibration.percentile > 100) {
        return percentile->wrong("must be above 50 and at most 100");
      }
      if (calibration.method != Net::Calibration::Method::percentile) {
        return percentile->wrong("goes with method percentile only");
      }
    }
    net_.calibration = std::move(calibration);
    return {};
  }

  Result<> read_check(const Element& element) {
    ALGEAN_TRY(element.check_keys({"inputs", "outputs", "tolerance"}));
    Net::Check check;
    ALGEAN_ASSIGN(check.inputs, read_file_name(element, "inputs"));
    if (element.find("outputs") || element.find("tolerance")) {
      Net::Check::Expected expected;
      ALGEAN_ASSIGN(expected.outputs, read_file_name(element, "outputs"));
      ALGEAN_ASSIGN(const Element tolerance, element.at("tolerance"));
      ALGEAN_ASSIGN(expected.tolerance, tolerance.number());
      if (expected.tolerance < 0) return tolerance.wrong("must not be negative");
      check.expected = std::move(expected);
    }
    net_.check = std::move(check);
    return {};
  }

  Result<> read_io(const Element& io) {
    ALGEAN_TRY(io.check_keys({"input", "output"}));
    const auto read_form = [&](std::string_view key, Net::Form& form, std::string& where) -> Result<> {
      const auto element = io.find(key);
      if (!element) return {};
      ALGEAN_ASSIGN(const std::size_t choice, element->one_of({"float32", "integer"}));
      form = static_cast<Net::Form>(choice);
      where = element->where();
      return {};
    };
    ALGEAN_TRY(read_form("input", net_.io.input, net_.io.input_where));
    return read_form("output", net_.io.output, net_.io.output_where);
  }

  Result<> read_target(const Element& element) {
    ALGEAN_TRY(element.check_keys({"interval_cycles", "inferences_per_s", "clock_mhz"}));
    Net::Target target;
    const auto cycles = element.find("interval_cycles");
    const auto rate = element.find("inferences_per_s");
    if (cycles.has_value() == rate.has_value()) {
      return element.wrong("needs exactly one of interval_cycles, inferences_per_s");
    }
    if (cycles) {
      ALGEAN_ASSIGN(target.interval_cycles, cycles->integer(1, max_count));
    }
    if (rate) {
      ALGEAN_ASSIGN(target.inferences_per_s, read_positive(*rate));
    }
    if (const auto clock = element.find("clock_mhz")) {
      ALGEAN_ASSIGN(target.clock_mhz, read_positive(*clock));
    }
    net_.target = target;
    return {};
  }

  Result<> read_layers(const Element& layers) {
    ALGEAN_ASSIGN(const auto entries, layers.entries());
    for (const auto& [layer, element] : entries) {
      if (layer.empty()) return element.wrong("stands under an empty layer name");
      ALGEAN_TRY(element.check_keys({"node", "reuse_factor"}));
      Net::LayerHint hint{layer, std::nullopt, std::nullopt, element.where()};
      if (const auto node = element.find("node")) {
        ALGEAN_ASSIGN(hint.node, node->string());
      }
      if (const auto factor = element.find("reuse_factor")) {
        ALGEAN_ASSIGN(hint.reuse_factor, factor->integer(1, max_count));
      }
      net_.layers.push_back(std::move(hint));
    }
    return {};
  }

  std::filesystem::path folder_;
  Net net_;
};

}  // namespace

Result<Net> parse_net(std::string_view text, const std::filesystem::path& path) {
  ALGEAN_ASSIGN(const Document document, Document::parse(text, path.string()));
  return NetReader(path).read(document.root());
}

Result<Net> read_net(const std::filesystem::path& path) {
  ALGEAN_ASSIGN(const Document document, Document::read(path));
  return NetReader(path).read(document.root());
}

}  // namespace algean::partitioner
