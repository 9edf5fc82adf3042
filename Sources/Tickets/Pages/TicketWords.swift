import Base

/// Words that a ticket carries as codes: the requester's urgency, what it stops, how hard it is, the
/// sub-type. Codes of our own forms are told in the reader's language; what somebody else's program wrote
/// in its own words is shown as it came.
enum TicketWords: String {
    case urgency, importance, difficulty
    case subType = "sub_type"

    func shown(_ code: String?, _ strings: Strings) -> String? {
        guard let code, !code.isEmpty else { return nil }
        let key = "ticket.\(rawValue).\(code.lowercased())"
        return strings.has(key) ? strings[key] : code
    }
}

extension String {
    /// The beginning, with an ellipsis where something is left out.
    func shortened(to most: Int) -> String { count > most ? String(prefix(most - 1)) + "…" : self }
}
