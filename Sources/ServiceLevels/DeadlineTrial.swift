import Base
import Foundation

/// Tries calendars before they are used: what `fettle deadlines --calendars FILE.json CASES.jsonl` does.
///
/// The calendars' file: `{"calendars": {NAME: {"tz", "windows": [["09:00", "12:00"], …], "weekdays":
/// [1…7], "holidays": LIST?, "holiday_files": "holiday-cn/*.json"?}}, "holidays_used": {LIST: [dates]}}`;
/// holiday files lie beside it. A case: `{"calendar", "start_utc", "business_minutes", "other_utc"?}`.
public struct DeadlineTrial: Sendable {
    private let calendars: CalendarBook

    /// - Throws: `levels.bad_file`, naming file, line and column.
    public init(calendarsFile path: String) throws {
        let json = try DeadlineTrial.load(path)
        let folder = PathText.folder(path)
        do {
            let file = try Fields(json)
            let lists = try file["holidays_used"] == nil ? nil : file.object("holidays_used")
            calendars = CalendarBook(
                try (file.object("calendars").json.members ?? []).map { member in
                    let f = try Fields(member.value, "calendars.\(member.name)")
                    return try DeadlineTrial.calendar(member.name, f, lists, folder: folder)
                })
        } catch let failure as Failure where failure.code != "levels.bad_file" {
            throw DeadlineTrial.bad(path, 1, 1, failure)
        }
    }

    /// The answer to one case: `{"deadline_utc", "business_minutes_start_to_other"}`, the latter null
    /// where the case names no other instant.
    ///
    /// - Throws: the field that is wrong, or the syntax.
    public func answer(_ json: JSON) throws -> JSON {
        let f = try Fields(json)
        guard let calendar = calendars[try f.text("calendar")] else {
            throw f.bad("calendar", "levels.calendar_unknown")
        }
        let start = try f.instant("start_utc")
        guard let minutes = try f.need("business_minutes").double, (0...5_300_000).contains(minutes)
        else { throw f.bad("business_minutes") }
        let due = calendar.due(from: start, counted: Span(ms: Int64((minutes * 60_000).rounded())))
        let other = try f.optionalInstant("other_utc")
        return .make([
            "deadline_utc": .of(due),
            "business_minutes_start_to_other": other.map {
                let ms = calendar.counted(from: start, to: $0).ms
                return ms % 60_000 == 0 ? .int(ms / 60_000) : .double(Double(ms) / 60_000)
            },
        ])
    }

    /// Answers a file of cases, one line of JSON for each, in order. The file is read twice and never
    /// held: nothing is written before every case was found sound.
    ///
    /// - Parameter write: takes a line without its end.
    /// - Returns: the number of cases.
    /// - Throws: `levels.bad_file`, naming file, line and column.
    @discardableResult
    public func run(casesFile path: String, write: (String) throws -> Void) throws -> Int {
        var count = 0
        for isTrial in [true, false] {
            try DeadlineTrial.forEachLine(path) { number, line in
                let text: String
                do {
                    text = try answer(JSON.parse(line)).text
                } catch let failure as Failure {
                    let column = failure.arguments["offset"].flatMap { Int($0) } ?? 0
                    throw DeadlineTrial.bad(path, number, column + 1, failure)
                }
                if !isTrial {
                    try write(text)
                    count += 1
                }
            }
        }
        return count
    }

    // MARK: Reading

    private static func calendar(
        _ name: String, _ f: Fields, _ lists: Fields?, folder: String
    ) throws -> WorkCalendar {
        var sets: [HolidaySet] = []
        if let list = try f.optionalText("holidays") {
            guard let lists else { throw f.bad("holidays", "levels.holidays_unknown") }
            sets.append(
                try HolidaySet(
                    id: list,
                    daysOff: try lists.array(list).map {
                        guard let s = $0.string else { throw lists.bad(list) }
                        return s
                    }))
        }
        if let pattern = try f.optionalText("holiday_files") {
            var set = HolidaySet(id: pattern)
            for path in try files(pattern, folder) {
                let json = try load(path)
                do {
                    try set.add(holidayCN: json)
                } catch let failure as Failure {
                    throw bad(path, 1, 1, failure)
                }
            }
            sets.append(set)
        }
        let days = try f.array("weekdays").map {
            guard let day = $0.int, (1...7).contains(day) else { throw f.bad("weekdays") }
            return Int(day)
        }
        let definition = try CalendarDefinition.weekly(
            id: name, zone: try f.text("tz"), weekdays: days,
            spans: try f.array("windows").map { try DaySpan(json: $0, f.at("windows")) },
            holidaySets: sets.map(\.id))
        return try WorkCalendar(definition, holidays: sets)
    }

    /// Files that a pattern such as `holiday-cn/*.json` names below the folder, by name; what else lies
    /// there (a schema) is left aside: only files named after a year.
    private static func files(_ pattern: String, _ folder: String) throws -> [String] {
        let below = PathText.folder(pattern)
        let parts = PathText.name(pattern).split(
            separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        let place = PathText.join(folder, below)
        guard parts.count == 2 else { return [PathText.join(folder, pattern)] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: place.isEmpty ? "." : place)
        else {
            throw bad(
                PathText.join(folder, pattern), 1, 1, Failure(.notFound, "levels.file_unreadable"))
        }
        return names.sorted().filter { name in
            guard name.hasPrefix(parts[0]), name.hasSuffix(parts[1]) else { return false }
            let middle = name.dropFirst(parts[0].count).dropLast(parts[1].count)
            return middle.utf8.count == 4 && Int(middle) != nil
        }.map { PathText.join(place, $0) }
    }

    private static func load(_ path: String) throws -> JSON {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw bad(path, 1, 1, Failure(.notFound, "levels.file_unreadable"))
        }
        do {
            return try JSON.parse(data)
        } catch let failure as Failure {
            let offset = failure.arguments["offset"].flatMap { Int($0) } ?? 0
            let before = data.prefix(offset)
            let line = before.count { $0 == 0x0A } + 1
            let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? before.startIndex
            throw bad(path, line, before.endIndex - start + 1, failure)
        }
    }

    /// Lines one by one, by blocks of 64 KiB; empty ones are left out but counted.
    private static func forEachLine(
        _ path: String, _ body: (_ number: Int, _ line: ArraySlice<UInt8>) throws -> Void
    ) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw bad(path, 1, 1, Failure(.notFound, "levels.file_unreadable"))
        }
        defer { try? file.close() }
        var rest: [UInt8] = []
        var number = 0
        func take(_ line: ArraySlice<UInt8>) throws {
            number += 1
            let isBlank = line.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
            if !isBlank { try body(number, line) }
        }
        while let block = try file.read(upToCount: 65_536), !block.isEmpty {
            rest.append(contentsOf: block)
            var start = 0
            while let end = rest[start...].firstIndex(of: 0x0A) {
                try take(rest[start..<end])
                start = end + 1
            }
            rest.removeFirst(start)
            guard rest.count <= 1_048_576 else {
                throw bad(path, number + 1, 1, Failure(.tooLarge, "levels.line_long"))
            }
        }
        if !rest.isEmpty { try take(rest[...]) }
    }

    private static func bad(_ path: String, _ line: Int, _ column: Int, _ why: Failure) -> Failure {
        let field = why.fields.first
        // The parser's own sentences count bytes, this one lines and columns.
        let code = why.code.hasPrefix("json.") ? "levels.not_json" : field?.code ?? why.code
        return Failure(
            .invalid, "levels.bad_file",
            [
                "file": path, "line": String(line), "column": String(column),
                "field": field?.field ?? "", "reason": Strings.named("error.\(code)"),
            ])
    }
}
