// The seam between the steps and the code for each instruction set. Plain numbers only: the files behind it are
// compiled for their own instruction set and include no header with inline code of others.
#pragma once

namespace algean::kernels::eltwise {

// Of a sum: y = clamp(zero + ((a * m0 + b * m1 + offset) >> shift)); the offset holds both zero points and the half. Of
// a product: y = clamp(zero + (((a - zero_a) * (b - zero_b) * m0 + offset) >> shift)); the offset is the half.
struct Params {
  int m0, m1, offset, shift, zero, low, high;
  int zero_a, zero_b;
};

// TensorFlow Lite's rules, whose saturating rounding doubling high multiply is (a * b + 2^30) >> 31 but for the one
// product that saturates. A ratio is multiplier * 2^(-31 - right); the rules with a shift to the left are not compiled
// so.
struct TfliteParams {
  int multiplier_a, right_a, multiplier_b, right_b;  // of a sum's operands; a negative multiplier_b subtracts
  int multiplier, right;                             // of the sum, or of the product
  int zero_a, zero_b, zero, low, high;
};

// n elements; step_a and step_b are 0 (one element repeated) or 1, not both 0 unless n is 1.
using Join = void (*)(const Params& params, const signed char* a, int step_a, const signed char* b, int step_b,
                      signed char* y, long n) noexcept;

using TfliteJoin = void (*)(const TfliteParams& params, const signed char* a, int step_a, const signed char* b,
                            int step_b, signed char* y, long n) noexcept;

struct Kernel {
  Join sum, product, largest, smallest;   // the last two take codes as they are
  TfliteJoin tflite_sum, tflite_product;  // or nullptr
};

extern const Kernel portable;
extern const Kernel avx2;    // AVX2
extern const Kernel avx512;  // AVX-512 F, DQ, BW, VL

}  // namespace algean::kernels::eltwise
