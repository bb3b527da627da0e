// How good a network's answers are, over a test set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace algean::cluster {

// Index of the greatest element, the first of equals; not empty.
std::size_t argmax(std::span<const float> values);

// The class that an output says: argmax, or value >= 0.5 where there is one element.
std::int64_t predicted_class(std::span<const float> output);

// Mean over the elements of (a - b)^2, in binary64: the anomaly score of an autoencoder. Equal, non-zero sizes.
double mean_squared_error(std::span<const float> a, std::span<const float> b);

// Area under the ROC curve of scores where label 1 should score higher than label 0: the Mann-Whitney statistic by
// mid-ranks over n0 * n1 (Fawcett, "An introduction to ROC analysis", 2006, section 7), so that a tie counts one half.
// Labels are 0 or 1, and both must occur; scores are numbers.
double area_under_curve(std::span<const double> scores, std::span<const std::int64_t> labels);

}  // namespace algean::cluster
