// x[:, 1:3, ..., None, 2] on tensors.
#include <algorithm>

#include "partitioner/import_keras/movement.hpp"
#include "partitioner/import_keras/operation_forms.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

enum class Kind : std::uint8_t { range, element, ellipsis, new_axis };

struct Item {
  Kind kind = Kind::range;
  std::optional<std::int64_t> start, stop, step;  // of a range; the element is `start`
};

Result<std::optional<std::int64_t>> optional_integer(const Json& json, const char* key) {
  const Json* found = given(json, key);
  if (found == nullptr) return std::optional<std::int64_t>();
  ALGEAN_ASSIGN(const auto values, integers(*found, key));
  if (values.size() != 1) return bad_input("'{}' of an index must be an integer", key);
  return values[0];
}

// Keras 3: {"class_name": "__slice__", "config": {"start", "stop", "step"}}. Keras 2: the inner object alone.
Result<Item> read_item(const Json& json) {
  Item item;
  if (json.is_null()) {
    item.kind = Kind::new_axis;
  } else if (json.is_number_integer()) {
    item.kind = Kind::element;
    ALGEAN_ASSIGN(const auto values, integers(json, "index"));
    item.start = values[0];
  } else if (text_member(json, "class_name") == "__ellipsis__" || json == "...") {
    item.kind = Kind::ellipsis;
  } else {
    const Json* inner = member(json, "config", Json::value_t::object);
    const Json& range = inner == nullptr ? json : *inner;
    if (!range.is_object() || range.contains(tensor_key)) return bad_input("an index of this form not supported");
    ALGEAN_ASSIGN(item.start, optional_integer(range, "start"));
    ALGEAN_ASSIGN(item.stop, optional_integer(range, "stop"));
    ALGEAN_ASSIGN(item.step, optional_integer(range, "step"));
  }
  return item;
}

// As Python does it: counted from the end where negative, cut to the axis.
Result<Range> resolve(const Item& item, std::int64_t extent, std::size_t axis) {
  const std::int64_t step = item.step.value_or(1);
  const auto from_end = [&](std::int64_t value) { return value < 0 ? value + extent : value; };
  Range range;
  range.stride = step;
  if (step > 0) {
    range.begin = std::clamp<std::int64_t>(from_end(item.start.value_or(0)), 0, extent);
    range.end = std::clamp<std::int64_t>(item.stop ? from_end(*item.stop) : extent, 0, extent);
  } else if (step < 0) {
    range.begin = std::clamp<std::int64_t>(from_end(item.start.value_or(-1)), -1, extent - 1);
    range.end = item.stop ? std::clamp<std::int64_t>(from_end(*item.stop), -1, extent - 1) : -1;
  }
  if (step == 0 || (step > 0 ? range.begin >= range.end : range.begin <= range.end)) {
    return bad_input("an index that leaves nothing of axis {}, which is {} long", axis + 1, extent);
  }
  return range;
}

// The items for the axes of a tensor without its batch axis, for which the first item must be all of it.
Result<std::vector<Item>> items_of(const Json& key, std::size_t rank) {
  std::vector<Item> items;
  if (key.is_array()) {
    for (const Json& json : key) {
      ALGEAN_ASSIGN(items.emplace_back(), read_item(json));
    }
  } else {
    ALGEAN_ASSIGN(items.emplace_back(), read_item(key));
  }
  const auto ellipses = std::ranges::count(items, Kind::ellipsis, &Item::kind);
  const auto named = static_cast<std::size_t>(
      std::ranges::count_if(items, [](const Item& item) { return item.kind <= Kind::element; }));
  if (ellipses > 1 || named > rank + 1) return bad_input("an index of more axes than the tensor has");
  auto at = std::ranges::find(items, Kind::ellipsis, &Item::kind);
  if (at != items.end()) at = items.erase(at);
  items.insert(at, rank + 1 - named, Item{});
  const Item& batch = items.front();
  const bool whole =
      batch.kind == Kind::range && batch.start.value_or(0) == 0 && !batch.stop && batch.step.value_or(1) == 1;
  if (!whole) return bad_input("an index into the batch axis not supported");
  items.erase(items.begin());
  return items;
}

}  // namespace

Result<> index_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "tensor"}));
  const Json* key = arguments.find(1, {"key", "slice_spec"});
  if (key == nullptr) return bad_input("an index of this form not supported");
  const Shape shape = recipe.shape(x);
  ALGEAN_ASSIGN(const auto items, items_of(*key, shape.rank()));
  std::vector<Range> ranges;
  std::vector<std::int64_t> extents;  // of the result
  for (Item item : items) {
    if (item.kind == Kind::new_axis) {
      extents.push_back(1);
      continue;
    }
    const std::size_t axis = ranges.size();
    if (item.kind == Kind::element) {
      if (*item.start < -shape[axis] || *item.start >= shape[axis]) {
        return bad_input("an index that leaves nothing of axis {}, which is {} long", axis + 1, shape[axis]);
      }
      const std::int64_t at = *item.start < 0 ? *item.start + shape[axis] : *item.start;
      ranges.push_back({at, at + 1, 1});
      continue;
    }
    ALGEAN_ASSIGN(const Range range, resolve(item, shape[axis], axis));
    ranges.push_back(range);
    const std::int64_t distance = range.stride > 0 ? range.end - range.begin : range.begin - range.end;
    extents.push_back((distance - 1) / std::abs(range.stride) + 1);
  }
  ALGEAN_ASSIGN(const Wire cut, sliced(recipe, x, ranges));
  ALGEAN_ASSIGN(Shape result, Shape::make(std::move(extents)));
  recipe.set_outputs({result == recipe.shape(cut) ? cut : recipe.reshape(cut, std::move(result))});
  return {};
}

}  // namespace algean::partitioner
