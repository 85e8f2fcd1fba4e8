# A recipe for tests: only its bytes matter.
