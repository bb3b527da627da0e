// Networks of others, quantised by us: how often int8 says what float says.
#include <gtest/gtest.h>

#include "runtime/tensor/array_file.hpp"
#include "tests/accuracy/network.hpp"
#include "tests/support/photographs.hpp"

namespace algean::accuracy {
namespace {

using testing_support::caffe_input;
using testing_support::Photograph;
using testing_support::random_view;
using testing_support::read_photographs;
using testing_support::shrunk;

// ResNet-50, calibrated with the first five photographs; the other five, and views of them, to ask about.
class ResNet50 : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(models() / "resnet50_imagenet")) GTEST_SKIP() << "the shared models are absent";
    const auto folder = models() / "resnet50_imagenet";
    network_.emplace(value_of(partitioner::import_keras(
        {folder / "resnet50_keras.json", folder / "resnet50_keras_weights.h5"}, kernels::library())));
    photographs_ = value_of(read_photographs(models() / "imagenet_samples"));
    std::vector<std::vector<float>> images;
    for (std::size_t i = 0; i < 5; ++i) images.push_back(caffe_input(photographs_[i]));
    network_->quantise(images);
  }

  // Share of the other five and of `views` random views of them in which int8 and float tell the same class.
  double agreement(std::size_t views) {
    std::vector<std::vector<float>> images;
    for (std::size_t i = 5; i < 10; ++i) images.push_back(caffe_input(photographs_[i]));
    Random random(2026);
    for (std::size_t i = 0; i < views; ++i) {
      images.push_back(caffe_input(random_view(photographs_[5 + i % 5], random)));
    }
    const auto expected = network_->float_classes(images);
    std::size_t same = 0;
    for (std::size_t i = 0; i < images.size(); ++i) same += network_->integer_class(images[i]) == expected[i] ? 1U : 0U;
    std::printf("ResNet-50: int8 tells float's class of %zu of %zu images\n", same, images.size());
    return static_cast<double>(same) / static_cast<double>(images.size());
  }

  std::optional<Network> network_;
  std::vector<Photograph> photographs_;
};

TEST_F(ResNet50, AgreesWithFloatOnSomeImages) { EXPECT_GE(agreement(35), 0.95); }

TEST_F(ResNet50, AgreesWithFloatOnAll205Images) { EXPECT_GE(agreement(200), 0.97); }

TEST(ResNet8, Tells86Of100) {
  const auto folder = models() / "mlperf_tiny_ic_resnet8";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the shared models are absent";
  Network network(
      value_of(partitioner::import_keras({folder / "pretrainedResnet.h5", std::nullopt}, kernels::library())));
  // Calibrated with small photographs: no image that is asked about is among them.
  std::vector<std::vector<float>> calibration;
  Random random(8);
  for (const Photograph& photograph : value_of(read_photographs(models() / "imagenet_samples"))) {
    calibration.push_back(shrunk(photograph, 32).pixels);
    for (int view = 0; view < 4; ++view) calibration.push_back(shrunk(random_view(photograph, random), 32).pixels);
  }
  network.quantise(calibration);
  const auto images = value_of(read_arrays(models() / "cifar10_test100/images_u8_nhwc.npy")).at(0).tensor;
  const auto labels = value_of(read_arrays(models() / "cifar10_test100/labels_u8.npy")).at(0).tensor;
  constexpr std::size_t size = 32 * 32 * 3;
  std::vector<std::vector<float>> all(100, std::vector<float>(size));
  for (std::size_t i = 0; i < 100 * size; ++i) all[i / size][i % size] = static_cast<float>(images.integer_at(i));
  const auto float_classes = network.float_classes(all);
  std::size_t correct = 0;
  std::size_t float_correct = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const auto label = static_cast<std::size_t>(labels.integer_at(i));
    correct += network.integer_class(all[i]) == label ? 1U : 0U;
    float_correct += float_classes[i] == label ? 1U : 0U;
  }
  std::printf("ResNet-8: float %zu, int8 %zu of 100\n", float_correct, correct);
  EXPECT_EQ(float_correct, 88U);
  EXPECT_GE(correct, 86U);
}

}  // namespace
}  // namespace algean::accuracy
