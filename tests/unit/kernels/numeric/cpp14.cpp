// Compiled as C++14, with every warning an error: HLS takes this header, too.
#include "kernels/numeric/joint.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/softmax.hpp"
#include "kernels/numeric/tflite.hpp"

static_assert(__cplusplus == 201402L, "this file must be compiled as C++14");
static_assert(algean::kernels::scaled::requantise(3, 65536, 17, 0, -128, 127) == 2, "1.5 rounds up");
static_assert(algean::kernels::joint::requantise(3, 1, 0, -128, 127) == 2, "1.5 rounds up");
static_assert(algean::kernels::tflite::mbqm(3, 1 << 30, 0) == 2, "1.5 rounds away from zero");

int softmax_as_cpp14(unsigned exponential, unsigned sum) {
  return algean::kernels::softmax::scaled_code(exponential, sum);
}
int requantise_as_cpp14(int acc) { return algean::kernels::scaled::requantise(acc, 98304, 17, 1, -128, 127); }
