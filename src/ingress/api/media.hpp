#pragma once

#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/message.hpp"
#include "src/ingress/api/call.hpp"

namespace parley::ingress {

/// The files of a message that is about to leave between these two: own ones are looked up and get
/// their types. Throws `refusal`: file_not_found for one that the organisation does not have,
/// file_too_large or file_type_refused for what the channel does not take (mission 2),
/// number_not_allowed for a number without `mms` (mission 1: capabilities), and mms_unavailable for
/// a country that takes no MMS.
void require_media(const api_context& context, const api_call& call, const model::pair& between,
                   std::vector<model::media>& files);

/// The same for a note, which never leaves: chat's limits hold.
void require_note_media(const api_context& context, const api_call& call,
                        std::vector<model::media>& files);

}  // namespace parley::ingress
