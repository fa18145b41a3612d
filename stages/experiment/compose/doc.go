// Package compose holds the kinds that make data with a spurious feature out of samples that have none: "compose" puts
// two data sets together, as Dominoes does with images, and "colour" colours images.
//
// Both mix in the same way ([mixing]): each class has an attribute that goes with it, and a share of its samples gets another.
package compose
