// A circuit of streams (kernels/stream/README.md) as a kernel with AXI ports.
//
// s_axis: tensors for the inputs; TDEST says which. m_axis: tensors of the outputs, with TDEST and TID of registers. On both a
//     tensor is its elements one behind the other, without gaps between rows: as many whole elements a beat as BYTES holds,
//     each in ceil(bits / 8) bytes, little endian and sign-extended, TKEEP for all bytes but those behind the last element,
//     TLAST with the last beat. TUSER marks a reset marker, for all inputs at once, whatever its TDEST; on m_axis it has
//     TLAST. A tensor of another length, or an error of the circuit, counts as an error; the first also makes a marker.
//     Beats of several inputs or outputs may alternate. Of several inputs each has room for a tensor, so that those of one
//     inference may come one behind the other, in any order.
// w_axis: weights, for the loader that TDEST says (algean_kernel_weights).
// s_axil: the registers of runtime/wire/REGISTERS.md.
// k_s_*, k_m_*, k_w_*, k_error: to the circuit; of several inputs, outputs or loaders, the first lowest.
//
// Parameters: BYTES 1.. of a beat (a multiple of every element's); INPUTS 1..; OUTPUTS 1..8; LOADERS 1.. (where there are none:
//     1 with w_axis idle and k_w_ready 0); DEST_BITS, ID_BITS 1..16; of each input and output 32 bits, the first lowest:
//     *_BITS of an element, 1..; *_ROWS of a tensor and *_ELEMENTS of a row, 1..; *_LANES of the circuit's beats, 1..
// Cycles: a beat a cycle on the side that has more of them.
module algean_kernel #(
    parameter int unsigned BYTES = 4,
    parameter int unsigned INPUTS = 1,
    parameter int unsigned OUTPUTS = 1,
    parameter int unsigned LOADERS = 1,
    parameter int unsigned DEST_BITS = 8,
    parameter int unsigned ID_BITS = 8,
    parameter logic [32*INPUTS-1:0] IN_BITS = {INPUTS{32'd8}},
    parameter logic [32*INPUTS-1:0] IN_ROWS = {INPUTS{32'd2}},
    parameter logic [32*INPUTS-1:0] IN_ELEMENTS = {INPUTS{32'd3}},
    parameter logic [32*INPUTS-1:0] IN_LANES = {INPUTS{32'd2}},
    parameter logic [32*OUTPUTS-1:0] OUT_BITS = {OUTPUTS{32'd8}},
    parameter logic [32*OUTPUTS-1:0] OUT_ROWS = {OUTPUTS{32'd2}},
    parameter logic [32*OUTPUTS-1:0] OUT_ELEMENTS = {OUTPUTS{32'd3}},
    parameter logic [32*OUTPUTS-1:0] OUT_LANES = {OUTPUTS{32'd2}},
    parameter logic [63:0] WEIGHTS_HASH = 64'd0,
    // Of all inputs and outputs together: the sums of bits times lanes.
    parameter int unsigned IN_DATA = 16,
    parameter int unsigned OUT_DATA = 16
) (
    input logic clk,
    input logic rst,

    input  logic [  8*BYTES-1:0] s_axis_tdata,
    input  logic [    BYTES-1:0] s_axis_tkeep,
    input  logic                 s_axis_tlast,
    input  logic [DEST_BITS-1:0] s_axis_tdest,
    input  logic                 s_axis_tuser,
    input  logic                 s_axis_tvalid,
    output logic                 s_axis_tready,

    output logic [  8*BYTES-1:0] m_axis_tdata,
    output logic [    BYTES-1:0] m_axis_tkeep,
    output logic                 m_axis_tlast,
    output logic [DEST_BITS-1:0] m_axis_tdest,
    output logic [  ID_BITS-1:0] m_axis_tid,
    output logic                 m_axis_tuser,
    output logic                 m_axis_tvalid,
    input  logic                 m_axis_tready,

    input  logic [         31:0] w_axis_tdata,
    input  logic                 w_axis_tlast,
    input  logic [DEST_BITS-1:0] w_axis_tdest,
    input  logic                 w_axis_tvalid,
    output logic                 w_axis_tready,

    input  logic [11:0] s_axil_awaddr,
    input  logic        s_axil_awvalid,
    output logic        s_axil_awready,
    input  logic [31:0] s_axil_wdata,
    input  logic [ 3:0] s_axil_wstrb,
    input  logic        s_axil_wvalid,
    output logic        s_axil_wready,
    output logic [ 1:0] s_axil_bresp,
    output logic        s_axil_bvalid,
    input  logic        s_axil_bready,
    input  logic [11:0] s_axil_araddr,
    input  logic        s_axil_arvalid,
    output logic        s_axil_arready,
    output logic [31:0] s_axil_rdata,
    output logic [ 1:0] s_axil_rresp,
    output logic        s_axil_rvalid,
    input  logic        s_axil_rready,

    output logic [   IN_DATA-1:0] k_s_data,
    output logic [    INPUTS-1:0] k_s_last,
    output logic [    INPUTS-1:0] k_s_mark,
    output logic [    INPUTS-1:0] k_s_valid,
    input  logic [    INPUTS-1:0] k_s_ready,
    input  logic [  OUT_DATA-1:0] k_m_data,
    input  logic [   OUTPUTS-1:0] k_m_last,
    input  logic [   OUTPUTS-1:0] k_m_mark,
    input  logic [   OUTPUTS-1:0] k_m_valid,
    output logic [   OUTPUTS-1:0] k_m_ready,
    output logic [32*LOADERS-1:0] k_w_data,
    output logic [   LOADERS-1:0] k_w_last,
    output logic [   LOADERS-1:0] k_w_valid,
    input  logic [   LOADERS-1:0] k_w_ready,
    input  logic                  k_error
);

  if (OUTPUTS < 1 || OUTPUTS > 8) $error("algean_kernel: OUTPUTS is 1 to 8");

  // Bytes of an element; elements of a bus beat; beats of a tensor; bytes of its last beat.
  function automatic int unsigned bytes_of(input int unsigned bits);
    bytes_of = (bits + 7) / 8;
  endfunction
  function automatic int unsigned beats_of(input int unsigned bits, input int unsigned elements);
    beats_of = (elements * bytes_of(bits) + BYTES - 1) / BYTES;
  endfunction
  function automatic int unsigned tail_of(input int unsigned bits, input int unsigned elements);
    tail_of = elements * bytes_of(bits) - (beats_of(bits, elements) - 1) * BYTES;
  endfunction
  function automatic logic [32*INPUTS-1:0] in_beats(input logic unused_argument);
    in_beats = {INPUTS{31'd0, unused_argument}};
    for (int unsigned i = 0; i < INPUTS; i++)
      in_beats[32*i+:32] = beats_of(IN_BITS[32*i+:32], IN_ROWS[32*i+:32] * IN_ELEMENTS[32*i+:32]);
  endfunction
  function automatic logic [32*INPUTS-1:0] in_tail(input logic unused_argument);
    in_tail = {INPUTS{31'd0, unused_argument}};
    for (int unsigned i = 0; i < INPUTS; i++)
      in_tail[32*i+:32] = tail_of(IN_BITS[32*i+:32], IN_ROWS[32*i+:32] * IN_ELEMENTS[32*i+:32]);
  endfunction
  function automatic logic [32*OUTPUTS-1:0] out_tail(input logic unused_argument);
    out_tail = {OUTPUTS{31'd0, unused_argument}};
    for (int unsigned i = 0; i < OUTPUTS; i++)
      out_tail[32*i+:32] = tail_of(OUT_BITS[32*i+:32], OUT_ROWS[32*i+:32] * OUT_ELEMENTS[32*i+:32]);
  endfunction
  // First bit of an input's or output's data; of the one behind the last, the number of all bits.
  function automatic int unsigned in_at(input int unsigned place);
    in_at = 0;
    for (int unsigned i = 0; i < INPUTS; i++) if (i < place) in_at = in_at + IN_BITS[32*i+:32] * IN_LANES[32*i+:32];
  endfunction
  function automatic int unsigned out_at(input int unsigned place);
    out_at = 0;
    for (int unsigned i = 0; i < OUTPUTS; i++) if (i < place) out_at = out_at + OUT_BITS[32*i+:32] * OUT_LANES[32*i+:32];
  endfunction

  if (IN_DATA != in_at(INPUTS) || OUT_DATA != out_at(OUTPUTS))
    $error("algean_kernel: IN_DATA and OUT_DATA are the sums of bits times lanes");

  logic request, clear, marker_enters, marker_inside, under_way, load_waits, bus_error, load_error;

  // In: to the input's bus beats, to its elements, to its rows.
  logic [8*BYTES-1:0] in_data;
  logic in_last, in_mark;
  logic [INPUTS-1:0] in_valid, in_ready;

  algean_kernel_router #(
      .BYTES(BYTES),
      .INPUTS(INPUTS),
      .DEST_BITS(DEST_BITS),
      .BEATS(in_beats(1'b0)),
      .TAIL(in_tail(1'b0))
  ) i_router (
      .clk, .rst, .request, .occupied(marker_inside), .enters(marker_enters), .error(bus_error),
      .s_axis_tdata, .s_axis_tkeep, .s_axis_tlast, .s_axis_tdest, .s_axis_tuser, .s_axis_tvalid, .s_axis_tready,
      .m_data(in_data), .m_last(in_last), .m_mark(in_mark), .m_valid(in_valid), .m_ready(in_ready)
  );

  for (genvar i = 0; i < INPUTS; i++) begin : gen_input
    localparam int unsigned BITS = IN_BITS[32*i+:32];
    localparam int unsigned EACH = bytes_of(BITS);
    localparam int unsigned COUNT = BYTES / EACH;
    localparam int unsigned ALL = IN_ROWS[32*i+:32] * IN_ELEMENTS[32*i+:32];

    if (BYTES % EACH != 0) $error("algean_kernel: BYTES is a multiple of the bytes of every input's elements");

    logic [BITS*COUNT-1:0] elements, held_data;
    logic held_last, held_mark, held_valid, held_ready;
    for (genvar j = 0; j < COUNT; j++) begin : gen_element
      assign elements[BITS*j+:BITS] = in_data[8*EACH*j+:BITS];
    end

    algean_fifo #(
        .BITS(BITS),
        .LANES(COUNT),
        .DEPTH(INPUTS > 1 ? (ALL + COUNT - 1) / COUNT + 1 : 2)
    ) i_fifo (
        .clk, .rst,
        .s_data(elements), .s_last(in_last), .s_mark(in_mark), .s_valid(in_valid[i]), .s_ready(in_ready[i]),
        .m_data(held_data), .m_last(held_last), .m_mark(held_mark), .m_valid(held_valid), .m_ready(held_ready)
    );
    algean_repack #(
        .BITS(BITS),
        .ROWS(1),
        .IN_ELEMENTS(ALL),
        .IN_LANES(COUNT),
        .OUT_ELEMENTS(IN_ELEMENTS[32*i+:32]),
        .OUT_LANES(IN_LANES[32*i+:32])
    ) i_repack (
        .clk, .rst,
        .s_data(held_data), .s_last(held_last), .s_mark(held_mark), .s_valid(held_valid), .s_ready(held_ready),
        .m_data(k_s_data[in_at(i)+:BITS*IN_LANES[32*i+:32]]), .m_last(k_s_last[i]), .m_mark(k_s_mark[i]),
        .m_valid(k_s_valid[i]), .m_ready(k_s_ready[i])
    );
  end

  // Out: from the output's rows to its elements without gaps, to its bus beats.
  logic [8*BYTES*OUTPUTS-1:0] out_data;
  logic [OUTPUTS-1:0] out_last, out_mark, out_valid, out_ready;
  logic [255:0] route;

  for (genvar i = 0; i < OUTPUTS; i++) begin : gen_output
    localparam int unsigned BITS = OUT_BITS[32*i+:32];
    localparam int unsigned EACH = bytes_of(BITS);
    localparam int unsigned COUNT = BYTES / EACH;
    localparam int unsigned ALL = OUT_ROWS[32*i+:32] * OUT_ELEMENTS[32*i+:32];

    if (BYTES % EACH != 0) $error("algean_kernel: BYTES is a multiple of the bytes of every output's elements");

    logic [BITS*OUT_LANES[32*i+:32]-1:0] held_data;
    logic [BITS*COUNT-1:0] elements;
    logic held_last, held_mark, held_valid, held_ready;

    algean_register #(
        .BITS(BITS),
        .LANES(OUT_LANES[32*i+:32])
    ) i_register (
        .clk, .rst,
        .s_data(k_m_data[out_at(i)+:BITS*OUT_LANES[32*i+:32]]), .s_last(k_m_last[i]), .s_mark(k_m_mark[i]),
        .s_valid(k_m_valid[i]), .s_ready(k_m_ready[i]),
        .m_data(held_data), .m_last(held_last), .m_mark(held_mark), .m_valid(held_valid), .m_ready(held_ready)
    );
    algean_repack #(
        .BITS(BITS),
        .ROWS(OUT_ROWS[32*i+:32]),
        .IN_ELEMENTS(OUT_ELEMENTS[32*i+:32]),
        .IN_LANES(OUT_LANES[32*i+:32]),
        .OUT_ELEMENTS(ALL),
        .OUT_LANES(COUNT)
    ) i_repack (
        .clk, .rst,
        .s_data(held_data), .s_last(held_last), .s_mark(held_mark), .s_valid(held_valid), .s_ready(held_ready),
        .m_data(elements), .m_last(out_last[i]), .m_mark(out_mark[i]), .m_valid(out_valid[i]), .m_ready(out_ready[i])
    );
    for (genvar j = 0; j < COUNT; j++) begin : gen_element
      assign out_data[8*BYTES*i+8*EACH*j+:8*EACH] = (8 * EACH)'($signed(elements[BITS*j+:BITS]));
    end
  end

  algean_kernel_merge #(
      .BYTES(BYTES),
      .OUTPUTS(OUTPUTS),
      .DEST_BITS(DEST_BITS),
      .ID_BITS(ID_BITS),
      .TAIL(out_tail(1'b0))
  ) i_merge (
      .clk, .rst, .route(route[32*OUTPUTS-1:0]),
      .s_data(out_data), .s_last(out_last), .s_mark(out_mark), .s_valid(out_valid), .s_ready(out_ready),
      .m_axis_tdata, .m_axis_tkeep, .m_axis_tlast, .m_axis_tdest, .m_axis_tid, .m_axis_tuser, .m_axis_tvalid, .m_axis_tready
  );

  // Weights, counters, registers.
  logic [31:0] control, command, inferences, errors;
  logic [63:0] cycles, busy, stall, starve;

  assign request = command[0];
  assign clear   = command[1];

  algean_kernel_weights #(
      .LOADERS(LOADERS),
      .DEST_BITS(DEST_BITS)
  ) i_weights (
      .clk, .rst, .hold(control[0]), .waits(load_waits), .error(load_error),
      .w_axis_tdata, .w_axis_tlast, .w_axis_tdest, .w_axis_tvalid, .w_axis_tready,
      .w_data(k_w_data), .w_last(k_w_last), .w_valid(k_w_valid), .w_ready(k_w_ready)
  );

  algean_kernel_counters i_counters (
      .clk, .rst, .clear, .marker_enters,
      .in_moves(k_s_valid[0] && k_s_ready[0]), .in_last(k_s_last[0]), .in_mark(k_s_mark[0]),
      .out_moves(k_m_valid[0] && k_m_ready[0]), .out_last(k_m_last[0]), .out_mark(k_m_mark[0]),
      .stalls(m_axis_tvalid && !m_axis_tready), .starves(|(k_s_ready & ~k_s_valid)),
      .bus_error, .load_error, .circuit_error(k_error),
      .under_way, .marker_inside, .cycles, .busy, .stall, .starve, .inferences, .errors
  );

  algean_registers i_registers (
      .clk, .rst,
      .s_axil_awaddr, .s_axil_awvalid, .s_axil_awready, .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready,
      .s_axil_bresp, .s_axil_bvalid, .s_axil_bready, .s_axil_araddr, .s_axil_arvalid, .s_axil_arready,
      .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
      .ports({8'd0, 8'(LOADERS), 8'(OUTPUTS), 8'(INPUTS)}), .status({29'd0, load_waits, marker_inside, under_way}),
      .control, .command, .weights_hash(WEIGHTS_HASH), .cycles, .busy, .stall, .starve, .inferences, .errors,
      .output_route(route)
  );

  logic unused;
  assign unused = &{1'b0, control, command, route};

endmodule
