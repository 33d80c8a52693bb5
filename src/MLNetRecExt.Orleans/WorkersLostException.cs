namespace MLNetRecExt;

/// <summary>A plan cannot go on: a worker is gone, or could not be reached. Another plan may.</summary>
internal sealed class WorkersLostException(string message) : Exception(message);
