// The loader of weights: 32-bit words from outside into the bank of a unit's memories that is not in use.
//
// A load is, in this order, the words of the weight memory and those of the constants (WEIGHT_WORDS of WEIGHT_BITS
// bits, CONSTANT_WORDS of CONSTANT_BITS bits), each in ceil(bits / 32) words, the low ones first; w_last is with the
// very last one. A load of another length is dropped and `error` is high for one cycle. A complete one waits for
// `boundary`, the moment before an inference; then the banks change. `hold` keeps the first inference from beginning
// while nothing was ever loaded, and any while the banks change. w_ready is low while a complete load waits and for
// FLIGHT cycles after a change: what is in flight still reads the old bank.
module algean_weight_loader #(
  parameter int unsigned WEIGHT_BITS = 64,
  parameter int unsigned WEIGHT_WORDS = 4,
  parameter int unsigned CONSTANT_BITS = 64,
  parameter int unsigned CONSTANT_WORDS = 4,
  parameter int unsigned FLIGHT = 32,
  localparam int unsigned PARTS_W = (WEIGHT_BITS + 31) / 32,
  localparam int unsigned PARTS_C = (CONSTANT_BITS + 31) / 32,
  localparam int unsigned AW = (WEIGHT_WORDS > 1) ? $clog2(WEIGHT_WORDS) : 1,
  localparam int unsigned AC = (CONSTANT_WORDS > 1) ? $clog2(CONSTANT_WORDS) : 1,
  localparam int unsigned KW = (WEIGHT_BITS > 64) ? $clog2((WEIGHT_BITS + 63) / 64) : 1,
  localparam int unsigned KC = (CONSTANT_BITS > 64) ? $clog2((CONSTANT_BITS + 63) / 64) : 1
) (
  input logic clk,
  input logic rst,
  input logic [31:0] w_data,
  input logic w_last,
  input logic w_valid,
  output logic w_ready,
  output logic error,
  input logic boundary,
  output logic hold,
  output logic bank,
  output logic load_bank,
  output logic load_weight,
  output logic [AW-1:0] weight_address,
  output logic [KW-1:0] weight_column,
  output logic load_constant,
  output logic [AC-1:0] constant_address,
  output logic [KC-1:0] constant_column,
  output logic [63:0] load_data
);
  localparam int unsigned PARTS = (PARTS_W > PARTS_C) ? PARTS_W : PARTS_C;
  localparam int unsigned WORDS = (WEIGHT_WORDS > CONSTANT_WORDS) ? WEIGHT_WORDS : CONSTANT_WORDS;
  localparam int unsigned PB = (PARTS > 1) ? $clog2(PARTS) : 1;
  localparam int unsigned AB = (WORDS > 1) ? $clog2(WORDS) : 1;
  localparam int unsigned FB = $clog2(FLIGHT + 1);

  // `loaded`: the bank in use holds weights. `pending`: the other one holds a complete load. Both outlive rst and
  // markers, as the weights do; they begin low.
  logic loaded, pending, switching, take, constants, part_end, word_end, complete;
  logic [PB-1:0] part;
  logic [AB-1:0] place;
  logic [FB-1:0] flight;
  logic [31:0] low;
  initial begin
    loaded = 1'b0;
    pending = 1'b0;
    bank = 1'b0;
  end
  assign w_ready = !pending && flight == '0 && !rst;
  assign take = w_valid && w_ready;
  assign part_end = part == (constants ? PB'(PARTS_C - 1) : PB'(PARTS_W - 1));
  assign word_end = place == (constants ? AB'(CONSTANT_WORDS - 1) : AB'(WEIGHT_WORDS - 1));
  assign complete = constants && part_end && word_end;
  assign switching = pending && boundary;
  assign hold = !loaded || pending;
  always_ff @(posedge clk) begin
    if (take && complete && w_last) pending <= 1'b1;
    else if (switching) pending <= 1'b0;
    if (switching) begin
      loaded <= 1'b1;
      bank <= !bank;
    end
    if (rst) flight <= '0;
    else if (switching) flight <= FB'(FLIGHT);
    else if (flight != '0) flight <= flight - 1'b1;
    error <= take && (w_last != complete) && !rst;
    if (rst) begin
      part <= '0;
      place <= '0;
      constants <= 1'b0;
    end else if (take) begin
      part <= part_end ? '0 : part + 1'b1;
      if (part_end) place <= word_end ? '0 : place + 1'b1;
      if (part_end && word_end) constants <= !constants;
      if (w_last || complete) begin
        part <= '0;
        place <= '0;
        constants <= 1'b0;
      end
    end
    if (take) low <= w_data;
  end

  // A column of 64 bits is written with its second word, or with the memory word's last.
  logic write;
  assign write = take && (part_end || part[0]);
  assign load_bank = !bank;
  assign load_data = part[0] ? {w_data, low} : {32'd0, w_data};
  assign load_weight = write && !constants;
  assign load_constant = write && constants;
  assign weight_address = place[AW-1:0];
  assign constant_address = place[AC-1:0];
  if (PB > 1) begin : gen_columns
    logic [PB-2:0] column;
    assign column = part[PB-1:1];
    assign weight_column = KW'(column);
    assign constant_column = KC'(column);
  end else begin : gen_column
    assign weight_column = '0;
    assign constant_column = '0;
  end
endmodule
