namespace MLNetRecExt;

/// <summary>The rows of one half of a sweep, and the order in which they are solved.</summary>
/// <param name="Rows">The interactions, a row for each of what is solved.</param>
/// <param name="Order">By position: the row of the interactions.</param>
/// <param name="Places">By position: the row of the factors, and of what the side says.</param>
internal readonly record struct WalsRows(InteractionRows Rows, int[] Order, int[] Places);
