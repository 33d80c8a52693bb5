namespace Compare;

/// <summary>Something in the command line or in a file that it names; the message is one line and says what to do.</summary>
internal sealed class UsageException(string message) : Exception(message);
