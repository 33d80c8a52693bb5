namespace MLNetRecExt.AspNetCore.Page;

/// <summary>What is said in place of a view.</summary>
internal sealed record PageMessage(string Title, string Text);
