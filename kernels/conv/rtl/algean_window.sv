// Sliding window over images: from pixels in raster order to the taps of each output pixel.
//
// Input: HEIGHT * WIDTH rows of CHANNELS elements in LANES lanes, B = ceil(CHANNELS / LANES) beats a pixel. Images come
// back to back. HEIGHT may be that of a horizontal strip with its halo: then PAD_TOP or PAD_BOTTOM is 0.
// Output, for each output pixel (y, x), the pixels y * STRIDE_H + ky * DILATION_H - PAD_TOP, ... of the input:
//   ORDER 0  for ky, for kx, for each block of LANES channels: a beat of LANES elements
//   ORDER 1  for each block of LANES channels, for ky, for kx: a beat of LANES elements (depthwise, pooling)
//   ORDER 2  for kx, for each block of LANES channels: a beat of KERNEL_H * LANES elements, ky outer: a column at once
// Taps outside the image are PAD_VALUE; lanes beyond the last channel stay 0.
//
// Legal: every size >= 1, LANES <= CHANNELS, each padding < (KERNEL - 1) * DILATION + 1, at least one output pixel.
// Cycles: a beat each cycle on both sides; a tap waits until its pixel has come, and the ring of rows holds what the
// next output row (or the first of the next image) needs, so that source and sink rest only for each other. Rows and
// columns that no window meets (STRIDE above the kernel's reach) are dropped as they come. Latency: 3 cycles from a
// pixel's last beat to the first tap that waits for it. m_ready reaches the counters combinationally, s_ready does not
// depend on it.
module algean_window #(
  parameter int unsigned BITS = 8,
  parameter int unsigned LANES = 1,
  parameter int unsigned CHANNELS = 1,
  parameter int unsigned HEIGHT = 8,
  parameter int unsigned WIDTH = 8,
  parameter int unsigned KERNEL_H = 3,
  parameter int unsigned KERNEL_W = 3,
  parameter int unsigned STRIDE_H = 1,
  parameter int unsigned STRIDE_W = 1,
  parameter int unsigned DILATION_H = 1,
  parameter int unsigned DILATION_W = 1,
  parameter int unsigned PAD_TOP = 0,
  parameter int unsigned PAD_BOTTOM = 0,
  parameter int unsigned PAD_LEFT = 0,
  parameter int unsigned PAD_RIGHT = 0,
  parameter int signed PAD_VALUE = 0,
  parameter int unsigned ORDER = 0,
  localparam int unsigned WORD = BITS * LANES,
  localparam int unsigned OUT_WORD = (ORDER == 2) ? KERNEL_H * WORD : WORD
) (
  input logic clk,
  input logic rst,
  input logic [WORD-1:0] s_data,
  input logic s_last,
  input logic s_mark,
  input logic s_valid,
  output logic s_ready,
  output logic [OUT_WORD-1:0] m_data,
  output logic m_last,
  output logic m_mark,
  output logic m_valid,
  input logic m_ready
);
  function automatic integer least(input integer a, input integer b);
    least = (a < b) ? a : b;
  endfunction
  function automatic integer most(input integer a, input integer b);
    most = (a > b) ? a : b;
  endfunction
  // Of the first n padded rows (or columns), those that some window meets.
  function automatic integer kept(input integer n, input integer stride, input integer reach);
    kept = (n / stride) * least(stride, reach) + least(n % stride, least(stride, reach));
  endfunction

  localparam int signed REACH_H = (KERNEL_H - 1) * DILATION_H + 1;
  localparam int signed REACH_W = (KERNEL_W - 1) * DILATION_W + 1;
  localparam int signed BLOCKS = (CHANNELS + LANES - 1) / LANES;
  localparam int signed OUT_H = (HEIGHT + PAD_TOP + PAD_BOTTOM - REACH_H) / STRIDE_H + 1;
  localparam int signed OUT_W = (WIDTH + PAD_LEFT + PAD_RIGHT - REACH_W) / STRIDE_W + 1;
  // What the ring of rows sees: only rows and columns that are kept.
  localparam int signed STEP_H = least(STRIDE_H, REACH_H);
  localparam int signed STEP_W = least(STRIDE_W, REACH_W);
  localparam int signed ROWS = kept(HEIGHT + PAD_TOP, STRIDE_H, REACH_H) - PAD_TOP;
  localparam int signed COLUMNS = kept(WIDTH + PAD_LEFT, STRIDE_W, REACH_W) - PAD_LEFT;
  localparam int signed TOP = PAD_TOP;
  localparam int signed LEFT = PAD_LEFT;
  localparam int signed LAST_BASE = most(0, (OUT_H - 1) * STEP_H - TOP);  // first row that the last output row meets
  localparam int signed RING = most(ROWS + REACH_H - TOP - LAST_BASE, (OUT_H > 1) ? REACH_H + STEP_H : 1);
  localparam int signed ROW = COLUMNS * BLOCKS;  // words of a row
  localparam int signed TAPS_Y = (ORDER == 2) ? 1 : KERNEL_H;
  // Rows and columns are signed: a window may begin before the first, and the reader may be ahead of the writer.
  localparam int unsigned RB = $clog2(ROWS + REACH_H + STEP_H + TOP + RING + 1) + 1;
  localparam int unsigned CB = $clog2((COLUMNS + REACH_W + STEP_W + LEFT + 1) * BLOCKS + 1) + 1;
  localparam int unsigned AB = $clog2(2 * RING * ROW + 1);  // addresses, a ring ahead included
  localparam int unsigned KB = $clog2(most(most(KERNEL_H, KERNEL_W), 2));
  localparam int unsigned BB = $clog2(most(BLOCKS, 2));
  localparam int unsigned YB = $clog2(most(OUT_H, 2));
  localparam int unsigned XB = $clog2(most(OUT_W, 2));
  localparam int unsigned IB = $clog2(RING + 2);

  if (LANES < 1 || LANES > CHANNELS) $error("algean_window: LANES must be 1..CHANNELS");
  if (ORDER > 2) $error("algean_window: ORDER must be 0, 1 or 2");
  if (KERNEL_H < 1 || KERNEL_W < 1 || STRIDE_H < 1 || STRIDE_W < 1 || DILATION_H < 1 || DILATION_W < 1)
    $error("algean_window: kernel, strides and dilations must be at least 1");
  if (TOP >= REACH_H || $signed(PAD_BOTTOM) >= REACH_H || LEFT >= REACH_W || $signed(PAD_RIGHT) >= REACH_W)
    $error("algean_window: a padding must be smaller than the reach of the kernel");
  if ($signed(HEIGHT + PAD_TOP + PAD_BOTTOM) < REACH_H || $signed(WIDTH + PAD_LEFT + PAD_RIGHT) < REACH_W)
    $error("algean_window: the kernel does not fit into the padded image");

  // --- Writer: counts rows and columns as they come; `fill` kept rows are complete from the reader's base on.
  logic signed [RB-1:0] fill;
  logic [CB-1:0] write_column;  // kept columns complete in the row being written
  logic [BB-1:0] write_block;
  logic [AB-1:0] write_address;
  logic row_kept, column_kept, row_end, image_end;
  logic take, flush, clear;
  assign s_ready = s_mark ? flush : (fill < RB'(RING));
  assign take = s_valid && s_ready && !s_mark;
  assign clear = rst || flush;

  logic block_end;
  assign block_end = write_block == BB'(BLOCKS - 1);
  algean_window_count #(
    .COUNT(WIDTH), .STRIDE(STRIDE_W), .PHASE(PAD_LEFT), .REACH(REACH_W)
  ) u_columns (
    .clk, .clear, .step(take && block_end), .wrap(row_end), .is_kept(column_kept)
  );
  algean_window_count #(
    .COUNT(HEIGHT), .STRIDE(STRIDE_H), .PHASE(PAD_TOP), .REACH(REACH_H)
  ) u_rows (
    .clk, .clear, .step(take && block_end && row_end), .wrap(image_end), .is_kept(row_kept)
  );
  logic store, row_written, image_written;
  assign store = take && row_kept && column_kept;
  assign row_written = take && block_end && row_end && row_kept;
  assign image_written = take && block_end && row_end && image_end;

  always_ff @(posedge clk) begin
    if (clear) begin
      write_column <= '0;
      write_block <= '0;
      write_address <= '0;
    end else if (take) begin
      write_block <= block_end ? '0 : write_block + 1'b1;
      if (store) write_address <= (write_address == AB'(RING * ROW - 1)) ? '0 : write_address + 1'b1;
      if (block_end && row_end) write_column <= '0;
      else if (block_end && store) write_column <= write_column + 1'b1;
    end
  end

  // --- Reader: walks output pixels, taps and blocks. `row` and `column` are the tap's place in the image, row0 and
  // column0 those of tap (0, 0); *_at are the same as addresses in the ring.
  logic [YB-1:0] y;
  logic [XB-1:0] x;
  logic [KB-1:0] ky, kx;
  logic [BB-1:0] block;
  logic signed [RB-1:0] row, row0, row0_next, base, released;
  logic signed [CB-1:0] column, column0, column0_next, column_at, column0_at, column0_at_next;
  logic [AB-1:0] row_at, row0_at, row0_at_next;
  logic advance, block_last, kx_last, ky_last, x_last, y_last;
  logic step_block, step_kx, step_ky, step_x, step_y, step_image;

  assign block_last = block == BB'(BLOCKS - 1);
  assign kx_last = kx == KB'(KERNEL_W - 1);
  assign ky_last = ky == KB'(TAPS_Y - 1);
  assign x_last = x == XB'(OUT_W - 1);
  assign y_last = y == YB'(OUT_H - 1);
  if (ORDER == 1) begin : gen_blocks_outer
    assign step_kx = advance;
    assign step_ky = step_kx && kx_last;
    assign step_block = step_ky && ky_last;
    assign step_x = step_block && block_last;
  end else begin : gen_blocks_inner
    assign step_block = advance;
    assign step_kx = step_block && block_last;
    assign step_ky = step_kx && kx_last;
    assign step_x = step_ky && ky_last;
  end
  assign step_y = step_x && x_last;
  assign step_image = step_y && y_last;

  function automatic [AB-1:0] wrap(input [AB-1:0] address);  // of an address less than two rings
    wrap = (address >= AB'(RING * ROW)) ? address - AB'(RING * ROW) : address;
  endfunction
  localparam int signed NEXT_IMAGE = ((ROWS - (OUT_H - 1) * STEP_H) % RING + RING) % RING;
  localparam int signed FIRST = (RING - TOP % RING) % RING;
  always_comb begin
    row0_next = y_last ? RB'(-TOP) : row0 + RB'(STEP_H);
    row0_at_next = wrap(row0_at + (y_last ? AB'(NEXT_IMAGE * ROW) : AB'((STEP_H % RING) * ROW)));
    column0_next = x_last ? CB'(-LEFT) : column0 + CB'(STEP_W);
    column0_at_next = x_last ? CB'(-LEFT * BLOCKS) : column0_at + CB'(STEP_W * BLOCKS);
    base = row0[RB-1] ? '0 : row0;  // first row that the reader still needs
    released = y_last ? RB'(ROWS - LAST_BASE) : (row0_next[RB-1] ? '0 : row0_next) - base;
  end

  always_ff @(posedge clk) begin
    if (clear) begin
      {y, x, ky, kx, block} <= '0;
      fill <= '0;
      row <= RB'(-TOP);
      row0 <= RB'(-TOP);
      row_at <= AB'(FIRST * ROW);
      row0_at <= AB'(FIRST * ROW);
      column <= CB'(-LEFT);
      column0 <= CB'(-LEFT);
      column_at <= CB'(-LEFT * BLOCKS);
      column0_at <= CB'(-LEFT * BLOCKS);
    end else begin
      fill <= fill + (row_written ? RB'(1) : '0) - (step_y ? released : '0);
      if (step_block) block <= block_last ? '0 : block + 1'b1;
      if (step_kx) begin
        kx <= kx_last ? '0 : kx + 1'b1;
        column <= kx_last ? column0 : column + CB'(DILATION_W);
        column_at <= kx_last ? column0_at : column_at + CB'($signed(DILATION_W) * BLOCKS);
      end
      if (step_ky) begin
        ky <= ky_last ? '0 : ky + 1'b1;
        row <= ky_last ? row0 : row + RB'(DILATION_H);
        row_at <= ky_last ? row0_at : wrap(row_at + AB'(($signed(DILATION_H) % RING) * ROW));
      end
      if (step_x) begin
        x <= x_last ? '0 : x + 1'b1;
        column <= column0_next;
        column0 <= column0_next;
        column_at <= column0_at_next;
        column0_at <= column0_at_next;
      end
      if (step_y) begin
        y <= y_last ? '0 : y + 1'b1;
        row <= row0_next;
        row0 <= row0_next;
        row_at <= row0_at_next;
        row0_at <= row0_at_next;
      end
    end
  end

  // --- Whether the tap is there: padding is from the image's first beat on. Its last tap waits for its last pixel, so
  // that what leaves complete came complete.
  logic outside_column, outside_row, present, begun;
  logic signed [RB-1:0] needed;  // the tap's lowest row that is in the image, from the base on
  assign outside_column = column < 0 || column >= CB'(COLUMNS);
  if (ORDER == 2) begin : gen_needed_all
    logic signed [RB-1:0] bottom;
    assign bottom = row0 + RB'(REACH_H - 1);
    assign outside_row = bottom < 0;
    assign needed = ((bottom >= RB'(ROWS)) ? RB'(ROWS - 1) : bottom) - base;
  end else begin : gen_needed_one
    assign outside_row = row < 0 || row >= RB'(ROWS);
    assign needed = row - base;
  end
  logic [IB-1:0] images;  // complete in the ring, not yet read to the end
  logic at_end;
  assign at_end = block_last && kx_last && ky_last && x_last && y_last;
  assign present = (images != '0 || (begun && !at_end)) &&
                   (outside_column || outside_row || fill > needed ||
                    (fill == needed && $signed(write_column) > column));

  // --- Marker: taken when all images before it have been read and have left.
  logic read_valid, read_ready, out_ready, stopped;
  assign stopped = s_valid && s_mark && images == '0;
  assign flush = stopped && !read_valid && out_ready;
  assign out_ready = !m_valid || m_ready;
  assign read_ready = !read_valid || out_ready;
  assign advance = present && !stopped && read_ready;
  always_ff @(posedge clk) begin
    if (clear) begin
      images <= '0;
      begun <= 1'b0;
    end else begin
      images <= images + (image_written ? IB'(1) : '0) - (step_image ? IB'(1) : '0);
      if (take) begun <= !image_written;
    end
  end

  // --- Memory, then padding and the output register.
  logic read_last, read_block_last;
  logic [OUT_WORD-1:0] read_data;
  always_ff @(posedge clk) begin
    if (clear) read_valid <= 1'b0;
    else if (read_ready) read_valid <= advance;
    if (read_ready) begin
      read_last <= step_image;
      read_block_last <= block_last;
    end
    if (rst) begin
      m_valid <= 1'b0;
    end else if (out_ready) begin
      m_valid <= read_valid || flush;
    end
    if (out_ready) begin
      m_data <= flush ? '0 : read_data;
      m_last <= flush || read_last;
      m_mark <= flush;
    end
  end

  logic [WORD-1:0] pad_word;
  localparam int unsigned LAST_LANES = CHANNELS - (BLOCKS - 1) * LANES;
  for (genvar i = 0; i < $signed(LANES); i++) begin : gen_pad
    if (i < $signed(LAST_LANES)) begin : gen_always
      assign pad_word[BITS*i+:BITS] = BITS'(PAD_VALUE);
    end else begin : gen_not_last
      assign pad_word[BITS*i+:BITS] = read_block_last ? '0 : BITS'(PAD_VALUE);
    end
  end

  if (ORDER == 2) begin : gen_rows
    // A memory a row of the ring: all are read at the same column, and each ky takes its own.
    localparam int unsigned NB = $clog2(2 * RING + 1);
    localparam int unsigned WB = $clog2(most(ROW, 2));
    logic [RING*WORD-1:0] words;
    logic [NB-1:0] write_bank, bank0, read_bank;
    logic [WB-1:0] bank_write_address;
    logic signed [RB-1:0] read_row;
    logic read_outside;
    always_ff @(posedge clk) begin
      if (clear) begin
        write_bank <= '0;
        bank_write_address <= '0;
        bank0 <= NB'(FIRST);
      end else begin
        if (store) bank_write_address <= (bank_write_address == WB'(ROW - 1)) ? '0 : bank_write_address + 1'b1;
        if (row_written) write_bank <= (write_bank == NB'(RING - 1)) ? '0 : write_bank + 1'b1;
        if (step_y) bank0 <= bank(bank0 + (y_last ? NB'(NEXT_IMAGE) : NB'(STEP_H % RING)));
      end
      if (read_ready) begin
        read_bank <= bank0;
        read_row <= row0;
        read_outside <= outside_column;
      end
    end
    function automatic [NB-1:0] bank(input [NB-1:0] index);
      bank = (index >= NB'(RING)) ? index - NB'(RING) : index;
    endfunction
    for (genvar r = 0; r < RING; r++) begin : gen_bank
      logic [WORD-1:0] memory[ROW];
      logic [WORD-1:0] word;
      always_ff @(posedge clk) begin
        if (store && write_bank == NB'(r)) memory[bank_write_address] <= s_data;
        if (read_ready) word <= memory[WB'(column_at) + WB'(block)];
      end
      assign words[WORD*r+:WORD] = word;
    end
    for (genvar k = 0; k < $signed(KERNEL_H); k++) begin : gen_tap
      logic [NB-1:0] source;
      logic signed [RB-1:0] tap_row;
      logic [WORD-1:0] word;
      assign source = bank(read_bank + NB'((k * $signed(DILATION_H)) % RING));
      assign tap_row = read_row + RB'(k * $signed(DILATION_H));
      always_comb begin
        word = '0;
        for (int r = 0; r < RING; r++) word |= words[WORD*r+:WORD] & {WORD{source == NB'(r)}};
        if (read_outside || tap_row < 0 || tap_row >= RB'(ROWS)) word = pad_word;
      end
      assign read_data[WORD*k+:WORD] = word;
    end
  end else begin : gen_ring
    localparam int unsigned WB = $clog2(most(RING * ROW, 2));
    logic [WORD-1:0] memory[RING*ROW];
    logic [WORD-1:0] word;
    logic read_pad;
    always_ff @(posedge clk) begin
      if (store) memory[WB'(write_address)] <= s_data;
      if (read_ready) begin
        word <= memory[WB'(row_at) + WB'(column_at) + WB'(block)];
        read_pad <= outside_column || outside_row;
      end
    end
    assign read_data = read_pad ? pad_word : word;
  end

  logic unused_signals;
  assign unused_signals = &{1'b0, s_last, read_block_last};  // images are counted
endmodule
