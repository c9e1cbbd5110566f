#pragma once

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/json_writer.hpp"

namespace parley::ingress {

// Entries of the directory as the API reads and shows them. Names and meanings of the members are
// those of the provisioning file.

/// Puts the members that are given into `entry`, which is fresh, or as it is now; null clears what
/// is optional. An id that is given must be the entry's, unless that is empty. What the members say
/// is not checked here, only their types. Throws `refusal` (malformed) naming the member.
void read_members(const object_reader& in, model::user& entry);
/// A user is shown with a presence, which may be sent back with the rest and is changed by itself.
/// Throws `refusal` (malformed) when what is given is not the one that there is.
void require_presence(const object_reader& in, model::presence now);
void read_members(const object_reader& in, model::team& entry);
void read_members(const object_reader& in, model::inbox& entry);
void read_members(const object_reader& in, model::link& entry);
void read_members(const object_reader& in, model::number& entry);
void read_members(const object_reader& in, model::caller_id_list& entry);
/// The key itself is read where it is digested.
void read_members(const object_reader& in, model::api_key& entry);
void read_members(const object_reader& in, model::business_hours& entry);
void read_members(const object_reader& in, model::rule& entry);
void read_members(const object_reader& in, model::data_action& entry);
void read_members(const object_reader& in, model::message_template& entry);
void read_members(const object_reader& in, model::webhook& entry);
/// An organisation's settings; its entries are resources of their own.
void read_members(const object_reader& in, model::organization& entry);

/// The members of an entry within the JSON object that the caller has begun. A link's token, a
/// key's digest and a data action's secret are never shown.
void write_members(json_writer& json, const model::user& entry);
void write_members(json_writer& json, const model::team& entry);
void write_members(json_writer& json, const model::inbox& entry);
void write_members(json_writer& json, const model::link& entry);
void write_members(json_writer& json, const model::number& entry);
void write_members(json_writer& json, const model::caller_id_list& entry);
void write_members(json_writer& json, const model::api_key& entry);
void write_members(json_writer& json, const model::business_hours& entry);
void write_members(json_writer& json, const model::rule& entry);
void write_members(json_writer& json, const model::data_action& entry);
void write_members(json_writer& json, const model::message_template& entry);
/// Without the secret.
void write_members(json_writer& json, const model::webhook& entry);
void write_members(json_writer& json, const model::organization& entry);

}  // namespace parley::ingress
