import Base
import Foundation
import ServiceLevels
import Testing

@Suite struct DeadlineTrialTests {
    func temporary(_ name: String, _ text: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    let calendars = """
        {"calendars": {"o": {"tz": "UTC", "windows": [["09:00", "17:00"]], "weekdays": [1, 2, 3, 4, 5]}}}
        """
    let good = #"{"calendar": "o", "start_utc": "2026-03-06T16:00:00Z", "business_minutes": 90}"#

    @Test func answersWithoutAnotherInstant() throws {
        let trial = try DeadlineTrial(calendarsFile: temporary("c.json", calendars))
        var out: [String] = []
        try trial.run(casesFile: temporary("x.jsonl", good + "\n\n" + good)) { out.append($0) }
        let line = #"{"deadline_utc":"2026-03-09T09:30:00Z","business_minutes_start_to_other":null}"#
        #expect(out == [line, line])
    }

    @Test(arguments: [
        (#"{"calendar": "q", "start_utc": "2026-03-06T16:00:00Z", "business_minutes": 90}"#, "2", "1"),
        (#"{"calendar": "o", "start_utc": "2026-03-36T16:00:00Z", "business_minutes": 90}"#, "2", "1"),
        (#"{"calendar": "o", "start_utc": "2026-03-06T16:00:00Z", "business_minutes": -1}"#, "2", "1"),
        (#"{"calendar": ?}"#, "2", "14"), ("{", "2", "2"),
    ])
    func badLinesAreNamedAndNothingIsWritten(_ bad: String, _ line: String, _ column: String) throws {
        let trial = try DeadlineTrial(calendarsFile: temporary("c.json", calendars))
        let file = try temporary("x.jsonl", good + "\n" + bad + "\n" + good)
        var out: [String] = []
        let failure = #expect(throws: Failure.self) {
            try trial.run(casesFile: file) { out.append($0) }
        }
        #expect(out.isEmpty)
        #expect(failure?.code == "levels.bad_file")
        #expect(failure?.arguments["file"] == file)
        #expect(failure?.arguments["line"] == line)
        #expect(failure?.arguments["column"] == column)
        let sentence = Strings.of(.english)("error.levels.bad_file", failure?.arguments ?? [:])
        #expect(sentence.hasPrefix("\(file):\(line):\(column): ") && !sentence.contains("{"))
    }

    @Test(arguments: [
        ("{\n \"calendars\": {\n  ?}}", "3", "3"), (#"{"calendars": {"a": {"tz": "UTC"}}}"#, "1", "1"),
        (
            #"{"calendars": {"a": {"tz": "Nowhere", "windows": [["09:00", "17:00"]], "weekdays": [1]}}}"#,
            "1", "1"
        ),
    ])
    func badCalendars(_ text: String, _ line: String, _ column: String) throws {
        let file = try temporary("c.json", text)
        let failure = #expect(throws: Failure.self) { try DeadlineTrial(calendarsFile: file) }
        #expect(failure?.code == "levels.bad_file")
        #expect(failure?.arguments["line"] == line)
        #expect(failure?.arguments["column"] == column)
        #expect(throws: Failure.self) { try DeadlineTrial(calendarsFile: file + ".none") }
    }
}
