#include "src/store/codec_parts.hpp"

namespace parley::store {

namespace {

constexpr std::size_t line_fields = 2;

}  // namespace

void pack_bulk_line(packer& out, const model::bulk_line& line) {
  if (!line.job.has_value()) {
    out.nothing();
    return;
  }
  out.array(line_fields).id(line.job).number(line.position);
}

model::bulk_line unpack_bulk_line(unpacker& in) {
  model::bulk_line line;
  if (in.take_nothing())
    return line;
  const auto fields = in.array(line_fields);
  line.job = model::bulk_id{in.id()};
  line.position = in.number();
  in.skip(fields - line_fields);
  return line;
}

void pack_bulk_counts(packer& out, const model::bulk_counts& counts) {
  out.array(counts.by_state.size());
  for (const auto count : counts.by_state)
    out.number(count);
}

model::bulk_counts unpack_bulk_counts(unpacker& in) {
  model::bulk_counts counts;
  const auto known = in.array(counts.by_state.size());
  for (auto& count : counts.by_state)
    count = in.number();
  in.skip(known - counts.by_state.size());
  return counts;
}

}  // namespace parley::store
